#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for state and members of classic groups.
struct DescribeGroupsRequest {
  static constexpr Api api{.name = "DescribeGroupsRequest",
                           .key = ApiKey::describe_groups,
                           .versions = {0, 6},
                           .flexible_since = 5};

  std::vector<std::string> groups{};
  bool include_authorized_operations = false;

  void describe(Visitor& v);
};

/// State and members of each group.
struct DescribeGroupsResponse {
  static constexpr Api api{.name = "DescribeGroupsResponse",
                           .key = ApiKey::describe_groups,
                           .versions = {0, 6},
                           .flexible_since = 5};

  struct Member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    ByteBuffer member_metadata{};
    ByteBuffer member_assignment{};

    void describe(Visitor& v);
  };

  struct Group {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    std::string protocol_type{};
    std::string protocol_data{};
    std::vector<Member> members{};
    std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
