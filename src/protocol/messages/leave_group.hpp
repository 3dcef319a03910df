#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Removes one member (up to version 2) or several (from version 3 on) from a classic group.
struct LeaveGroupRequest {
  static constexpr Api api{.name = "LeaveGroupRequest",
                           .key = ApiKey::leave_group,
                           .versions = {0, 5},
                           .flexible_since = 4};

  struct Member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::optional<std::string> reason{};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::string member_id{};
  std::vector<Member> members{};

  void describe(Visitor& v);
};

/// The outcome, per member from version 3 on.
struct LeaveGroupResponse {
  static constexpr Api api{.name = "LeaveGroupResponse",
                           .key = ApiKey::leave_group,
                           .versions = {0, 5},
                           .flexible_since = 4};

  struct Member {
    std::string member_id{};
    std::optional<std::string> group_instance_id = "";
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Member> members{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
