#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "horolog/types.hpp"

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

/// An offset as a group commits it: that of the next record to be read.
struct CommittedOffset {
  Offset offset = no_offset;
  std::string metadata;
  LeaderEpoch leader_epoch = -1;  ///< of the record before it; -1 when not known
  bool operator==(const CommittedOffset&) const = default;
};

}  // namespace horolog
