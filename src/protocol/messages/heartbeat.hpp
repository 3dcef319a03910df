#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Keeps a member of a classic group alive.
struct HeartbeatRequest {
  static constexpr Api api{.name = "HeartbeatRequest",
                           .key = ApiKey::heartbeat,
                           .versions = {0, 4},
                           .flexible_since = 4};

  std::string group_id{};
  std::int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};

  void describe(Visitor& v);
};

/// Alive, or why not; REBALANCE_IN_PROGRESS asks the member to join again.
struct HeartbeatResponse {
  static constexpr Api api{.name = "HeartbeatResponse",
                           .key = ApiKey::heartbeat,
                           .versions = {0, 4},
                           .flexible_since = 4};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
