#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Removes and sets SCRAM credentials of users.
struct AlterUserScramCredentialsRequest {
  static constexpr Api api{.name = "AlterUserScramCredentialsRequest",
                           .key = ApiKey::alter_user_scram_credentials,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Deletion {
    std::string name{};
    std::int8_t mechanism = 0;

    void describe(Visitor& v);
  };

  struct Upsertion {
    std::string name{};
    std::int8_t mechanism = 0;
    std::int32_t iterations = 0;
    ByteBuffer salt{};
    ByteBuffer salted_password{};

    void describe(Visitor& v);
  };

  std::vector<Deletion> deletions{};
  std::vector<Upsertion> upsertions{};

  void describe(Visitor& v);
};

/// The result for each user.
struct AlterUserScramCredentialsResponse {
  static constexpr Api api{.name = "AlterUserScramCredentialsResponse",
                           .key = ApiKey::alter_user_scram_credentials,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Result {
    std::string user{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
