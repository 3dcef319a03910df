#include "coordinator/persisted_state.hpp"

#include <algorithm>
#include <vector>

namespace horolog::coordinator {

const wire::OffsetCommitValue* PersistedGroup::find(std::string_view topic,
                                                    PartitionIndex partition) const {
  const auto partitions = offsets.find(topic);
  if (partitions == offsets.end()) return nullptr;
  const auto found = partitions->second.find(partition);
  return found == partitions->second.end() ? nullptr : &found->second;
}

const PersistedGroup* PersistedState::find(std::string_view group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

void PersistedState::replay(const AnyRecord& record) {
  if (const auto* offset = std::get_if<OffsetRecord>(&record)) replay_offset(*offset);
  if (const auto* group = std::get_if<GroupRecord>(&record)) replay_group(*group);
}

void PersistedState::replay_offset(const OffsetRecord& record) {
  const wire::OffsetCommitKey& key = record.key;
  if (record.value) {
    auto& partitions = groups_[key.group].offsets[key.topic];
    const bool added = partitions.insert_or_assign(key.partition, *record.value).second;
    if (added) ++offset_count_;
    return;
  }
  const auto group = groups_.find(key.group);
  if (group == groups_.end()) return;
  auto& topics = group->second.offsets;
  const auto topic = topics.find(key.topic);
  if (topic == topics.end()) return;
  offset_count_ -= topic->second.erase(key.partition);
  if (topic->second.empty()) topics.erase(topic);
  if (topics.empty() && !group->second.metadata) groups_.erase(group);
}

void PersistedState::replay_group(const GroupRecord& record) {
  if (record.value) {
    groups_[record.group].metadata = *record.value;
    return;
  }
  const auto group = groups_.find(record.group);
  if (group == groups_.end()) return;
  group->second.metadata.reset();
  if (group->second.offsets.empty()) groups_.erase(group);
}

void PersistedState::for_each_record(
    const std::function<void(const AnyRecord&)>& visit) const {
  std::vector<const Groups::value_type*> ordered;
  ordered.reserve(groups_.size());
  for (const auto& group : groups_) ordered.push_back(&group);
  std::sort(ordered.begin(), ordered.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* entry : ordered) {
    const auto& [name, group] = *entry;
    if (group.metadata) visit(GroupRecord{name, group.metadata});
    for (const auto& [topic, partitions] : group.offsets) {
      for (const auto& [partition, value] : partitions) {
        OffsetRecord record;
        record.key.group = name;
        record.key.topic = topic;
        record.key.partition = partition;
        record.value = value;
        visit(record);
      }
    }
  }
}

}  // namespace horolog::coordinator
