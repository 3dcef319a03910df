#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Brings the expiry of a token forward; a negative period ends it at once.
struct ExpireDelegationTokenRequest {
  static constexpr Api api{.name = "ExpireDelegationTokenRequest",
                           .key = ApiKey::expire_delegation_token,
                           .versions = {1, 2},
                           .flexible_since = 2};

  ByteBuffer hmac{};
  std::int64_t expiry_time_period_ms = 0;

  void describe(Visitor& v);
};

/// When the token expires now.
struct ExpireDelegationTokenResponse {
  static constexpr Api api{.name = "ExpireDelegationTokenResponse",
                           .key = ApiKey::expire_delegation_token,
                           .versions = {1, 2},
                           .flexible_since = 2};

  ErrorCode error_code = ErrorCode::none;
  std::int64_t expiry_timestamp_ms = 0;
  std::int32_t throttle_time_ms = 0;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
