#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace horolog {

/// Who a member of a consumer group is, as the group's coordinator knows it at one moment.
/// A consumer gives it out; a transactional producer sends it with offsets, and the coordinator
/// refuses them when the member has left or the group has moved on to another generation
/// (KIP-447). A plain value: copy it to whatever thread needs it.
///
/// With only `group` set (no generation, no member) offsets are committed without that check.
struct GroupMetadata {
  std::string group;
  std::int32_t generation = -1;
  std::string member_id{};
  /// group.instance.id of a static member (KIP-345).
  std::optional<std::string> instance_id{};

  bool operator==(const GroupMetadata&) const = default;
};

}  // namespace horolog
