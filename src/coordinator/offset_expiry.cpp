#include "coordinator/classic_groups.hpp"
#include "coordinator/offsets.hpp"

namespace horolog::coordinator {

namespace {

/// From when a group's offsets age. With members: from their commit, and only if it is known what
/// the group still reads (KIP-211).
bool may_expire(const Group& group) {
  if (!group.protocol_type()) return true;
  if (group.is(GroupState::empty)) return true;
  return group.is(GroupState::stable) && group.is_consumer_group() &&
         group.subscribed_topics().has_value();
}

}  // namespace

bool Offsets::is_expired(const Group& group, const wire::OffsetCommitValue& value) const {
  const TimestampMs now = core_.now.wall_ms;
  if (value.expire_timestamp != no_timestamp) return now >= value.expire_timestamp;
  const bool ages_with_group =
      group.protocol_type() && group.is(GroupState::empty) && group.state_since() != no_timestamp;
  const TimestampMs since = ages_with_group ? group.state_since() : value.commit_timestamp;
  return now - since >= core_.settings.offsets_retention_ms;
}

bool Offsets::expire_offsets(Group& group) {
  const PersistedGroup* persisted = core_.persisted.find(group.id());
  if (persisted == nullptr || persisted->offsets.empty()) return true;
  if (!may_expire(group)) return false;
  std::vector<TopicPartition> expired;
  bool all = true;
  for (const auto& [topic, partitions] : persisted->offsets) {
    const bool in_use = group.is_subscribed(topic) && !group.is(GroupState::empty);
    for (const auto& [index, value] : partitions) {
      // What a transaction is about to replace is in use too.
      const bool pending = core_.persisted.pending().contains({group.id(), topic, index});
      if (!in_use && !pending && is_expired(group, value)) {
        expired.push_back({topic, index});
      } else {
        all = false;
      }
    }
  }
  for (const auto& id : expired) remove_one(&group, group.id(), id.topic, id.partition);
  return all;
}

void Offsets::expire() {
  std::vector<std::string> unused;
  for (auto& [id, group] : core_.groups) {
    const bool nothing_left = expire_offsets(group);
    const bool nobody = group.is(GroupState::empty) && group.pending_joins() == 0;
    const bool awaited = core_.persisted.pending().contains(id);
    if (nothing_left && nobody && !awaited) unused.push_back(id);
  }
  for (const std::string& id : unused) {
    core_.emit_removal(GroupRecord{id, std::nullopt}, nullptr);
    members_.forget(id);
  }
}

}  // namespace horolog::coordinator
