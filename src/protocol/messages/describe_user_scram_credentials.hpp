#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks which SCRAM credentials users have. Null or empty stands for every user.
struct DescribeUserScramCredentialsRequest {
  static constexpr Api api{.name = "DescribeUserScramCredentialsRequest",
                           .key = ApiKey::describe_user_scram_credentials,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct User {
    std::string name{};

    void describe(Visitor& v);
  };

  std::optional<std::vector<User>> users{std::in_place};

  void describe(Visitor& v);
};

/// Mechanism and iterations of each credential; never a secret.
struct DescribeUserScramCredentialsResponse {
  static constexpr Api api{.name = "DescribeUserScramCredentialsResponse",
                           .key = ApiKey::describe_user_scram_credentials,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Credential {
    std::int8_t mechanism = 0;
    std::int32_t iterations = 0;

    void describe(Visitor& v);
  };

  struct Result {
    std::string user{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<Credential> credential_infos{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Result> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
