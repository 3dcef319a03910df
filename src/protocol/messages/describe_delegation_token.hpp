#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the tokens of owners. Null stands for every owner.
struct DescribeDelegationTokenRequest {
  static constexpr Api api{.name = "DescribeDelegationTokenRequest",
                           .key = ApiKey::describe_delegation_token,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Owner {
    std::string principal_type{};
    std::string principal_name{};

    void describe(Visitor& v);
  };

  std::optional<std::vector<Owner>> owners{std::in_place};

  void describe(Visitor& v);
};

/// The tokens with their secrets.
struct DescribeDelegationTokenResponse {
  static constexpr Api api{.name = "DescribeDelegationTokenResponse",
                           .key = ApiKey::describe_delegation_token,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Renewer {
    std::string principal_type{};
    std::string principal_name{};

    void describe(Visitor& v);
  };

  struct Token {
    std::string principal_type{};
    std::string principal_name{};
    std::string token_requester_principal_type{};
    std::string token_requester_principal_name{};
    std::int64_t issue_timestamp = 0;
    std::int64_t expiry_timestamp = 0;
    std::int64_t max_timestamp = 0;
    std::string token_id{};
    ByteBuffer hmac{};
    std::vector<Renewer> renewers{};

    void describe(Visitor& v);
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<Token> tokens{};
  std::int32_t throttle_time_ms = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
