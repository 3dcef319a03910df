#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Deletes empty groups with their offsets.
struct DeleteGroupsRequest {
  static constexpr Api api{.name = "DeleteGroupsRequest",
                           .key = ApiKey::delete_groups,
                           .versions = {0, 2},
                           .flexible_since = 2};

  std::vector<std::string> groups_names{};

  void describe(Visitor& v);
};

/// The outcome for each group.
struct DeleteGroupsResponse {
  static constexpr Api api{.name = "DeleteGroupsResponse",
                           .key = ApiKey::delete_groups,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Group {
    std::string group_id{};
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
