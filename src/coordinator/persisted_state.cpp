#include "coordinator/persisted_state.hpp"

#include <algorithm>
#include <vector>

namespace horolog::coordinator {

namespace {

OffsetRecord offset_record(const std::string& group, const std::string& topic,
                           PartitionIndex partition, const wire::OffsetCommitValue& value) {
  OffsetRecord record;
  record.key.group = group;
  record.key.topic = topic;
  record.key.partition = partition;
  record.value = value;
  return record;
}

}  // namespace

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

void PersistedState::replay(const AnyRecord& record, ProducerId transaction) {
  if (const auto* offset = std::get_if<OffsetRecord>(&record)) replay_offset(*offset, transaction);
  if (const auto* group = std::get_if<GroupRecord>(&record)) replay_group(*group);
}

void PersistedState::replay_offset(const OffsetRecord& record, ProducerId transaction) {
  const OffsetKey key{record.key.group, record.key.topic, record.key.partition};
  if (!record.value) {
    remove(key);
    pending_.remove(key);
  } else if (transaction != no_producer_id) {
    pending_.add(transaction, key, *record.value);
  } else {
    put(key, *record.value);
    pending_.overtake(key);
  }
}

void PersistedState::put(const OffsetKey& key, const wire::OffsetCommitValue& value) {
  auto& partitions = groups_[key.group].offsets[key.topic];
  if (partitions.insert_or_assign(key.partition, value).second) ++offset_count_;
}

void PersistedState::remove(const OffsetKey& key) {
  const auto group = groups_.find(key.group);
  if (group == groups_.end()) return;
  auto& topics = group->second.offsets;
  const auto topic = topics.find(key.topic);
  if (topic == topics.end()) return;
  offset_count_ -= topic->second.erase(key.partition);
  if (topic->second.empty()) topics.erase(topic);
  if (topics.empty() && !group->second.metadata) groups_.erase(group);
}

std::set<std::string> PersistedState::replay_marker(ProducerId transaction, bool commit) {
  std::set<std::string> groups;
  for (const auto& [key, offset] : pending_.take(transaction)) {
    groups.insert(key.group);
    if (!commit || offset.overtaken) continue;
    put(key, offset.value);
    pending_.overtake(key, offset.order);
  }
  return groups;
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

void PersistedState::for_each_record(const RecordVisitor& visit) const {
  const auto visit_pending = [&](ProducerId producer, const OffsetKey& key,
                                 const PendingOffsets::Entry& offset) {
    visit(offset_record(key.group, key.topic, key.partition, offset.value), producer);
  };
  // What has been overtaken stands before the commit that did it.
  pending_.for_each(true, visit_pending);
  std::vector<const Groups::value_type*> ordered;
  ordered.reserve(groups_.size());
  for (const auto& group : groups_) ordered.push_back(&group);
  std::sort(ordered.begin(), ordered.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* entry : ordered) {
    const auto& [name, group] = *entry;
    if (group.metadata) visit(GroupRecord{name, group.metadata}, no_producer_id);
    for (const auto& [topic, partitions] : group.offsets) {
      for (const auto& [partition, value] : partitions) {
        visit(offset_record(name, topic, partition, value), no_producer_id);
      }
    }
  }
  pending_.for_each(false, visit_pending);
}

}  // namespace horolog::coordinator
