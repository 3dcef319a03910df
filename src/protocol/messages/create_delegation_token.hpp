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

/// Asks for a token that stands for a principal.
struct CreateDelegationTokenRequest {
  static constexpr Api api{.name = "CreateDelegationTokenRequest",
                           .key = ApiKey::create_delegation_token,
                           .versions = {1, 3},
                           .flexible_since = 2};

  struct Renewer {
    std::string principal_type{};
    std::string principal_name{};

    void describe(Visitor& v);
  };

  std::optional<std::string> owner_principal_type = "";
  std::optional<std::string> owner_principal_name = "";
  std::vector<Renewer> renewers{};
  std::int64_t max_lifetime_ms = 0;  ///< -1: the broker's maximum

  void describe(Visitor& v);
};

/// The token and its secret.
struct CreateDelegationTokenResponse {
  static constexpr Api api{.name = "CreateDelegationTokenResponse",
                           .key = ApiKey::create_delegation_token,
                           .versions = {1, 3},
                           .flexible_since = 2};

  ErrorCode error_code = ErrorCode::none;
  std::string principal_type{};
  std::string principal_name{};
  std::string token_requester_principal_type{};
  std::string token_requester_principal_name{};
  std::int64_t issue_timestamp_ms = 0;
  std::int64_t expiry_timestamp_ms = 0;
  std::int64_t max_timestamp_ms = 0;
  std::string token_id{};
  ByteBuffer hmac{};
  std::int32_t throttle_time_ms = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
