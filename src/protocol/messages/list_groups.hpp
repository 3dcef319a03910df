#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Lists groups, narrowed by state from version 4 on and by type from version 5 on; an empty filter
/// admits all.
struct ListGroupsRequest {
  static constexpr Api api{.name = "ListGroupsRequest",
                           .key = ApiKey::list_groups,
                           .versions = {0, 5},
                           .flexible_since = 3};

  std::vector<std::string> states_filter{};
  std::vector<std::string> types_filter{};

  void describe(Visitor& v);
};

/// The groups this broker coordinates.
struct ListGroupsResponse {
  static constexpr Api api{.name = "ListGroupsResponse",
                           .key = ApiKey::list_groups,
                           .versions = {0, 5},
                           .flexible_since = 3};

  struct Group {
    std::string group_id{};
    std::string protocol_type{};
    std::string group_state{};
    std::string group_type{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Group> groups{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
