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

/// Asks for the assignment of the generation joined; the leader sends all of them.
struct SyncGroupRequest {
  static constexpr Api api{.name = "SyncGroupRequest",
                           .key = ApiKey::sync_group,
                           .versions = {0, 5},
                           .flexible_since = 4};

  struct Assignment {
    std::string member_id{};
    ByteBuffer assignment{};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::int32_t generation_id = 0;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  std::vector<Assignment> assignments{};

  void describe(Visitor& v);
};

/// The member's assignment, opaque to the broker.
struct SyncGroupResponse {
  static constexpr Api api{.name = "SyncGroupResponse",
                           .key = ApiKey::sync_group,
                           .versions = {0, 5},
                           .flexible_since = 4};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name{};
  ByteBuffer assignment{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
