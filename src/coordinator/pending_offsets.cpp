#include "coordinator/pending_offsets.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace horolog::coordinator {

void PendingOffsets::add(ProducerId producer, const OffsetKey& key,
                         const wire::OffsetCommitValue& value) {
  if (producers_[producer].insert_or_assign(key, Entry{value, ++last_order_, false}).second) {
    ++size_;
  }
  keys_[key].insert(producer);
}

void PendingOffsets::overtake(const OffsetKey& key) {
  overtake(key, std::numeric_limits<std::uint64_t>::max());
}

void PendingOffsets::overtake(const OffsetKey& key, std::uint64_t order) {
  const auto pending = keys_.find(key);
  if (pending == keys_.end()) return;
  for (const ProducerId producer : pending->second) {
    Entry& offset = producers_.at(producer).at(key);
    if (offset.order < order) offset.overtaken = true;
  }
}

void PendingOffsets::remove(const OffsetKey& key) {
  const auto pending = keys_.find(key);
  if (pending == keys_.end()) return;
  for (const ProducerId producer : pending->second) {
    const auto found = producers_.find(producer);
    size_ -= found->second.erase(key);
    if (found->second.empty()) producers_.erase(found);
  }
  keys_.erase(pending);
}

PendingOffsets::ByKey PendingOffsets::take(ProducerId producer) {
  const auto found = producers_.find(producer);
  if (found == producers_.end()) return {};
  ByKey taken = std::move(found->second);
  producers_.erase(found);
  size_ -= taken.size();
  for (const auto& [key, offset] : taken) {
    const auto pending = keys_.find(key);
    pending->second.erase(producer);
    if (pending->second.empty()) keys_.erase(pending);
  }
  return taken;
}

bool PendingOffsets::contains(std::string_view group) const {
  const auto first =
      keys_.lower_bound({std::string(group), "", std::numeric_limits<PartitionIndex>::min()});
  return first != keys_.end() && first->first.group == group;
}

std::vector<OffsetKey> PendingOffsets::keys_of_group(std::string_view group) const {
  std::vector<OffsetKey> keys;
  auto next =
      keys_.lower_bound({std::string(group), "", std::numeric_limits<PartitionIndex>::min()});
  for (; next != keys_.end() && next->first.group == group; ++next) keys.push_back(next->first);
  return keys;
}

std::vector<OffsetKey> PendingOffsets::keys_of_topic(std::string_view topic) const {
  std::vector<OffsetKey> keys;
  for (const auto& [key, producers] : keys_) {
    if (key.topic == topic) keys.push_back(key);
  }
  return keys;
}

std::set<std::string> PendingOffsets::groups() const {
  std::set<std::string> groups;
  for (const auto& [key, producers] : keys_) groups.insert(key.group);
  return groups;
}

void PendingOffsets::for_each(
    bool overtaken,
    const std::function<void(ProducerId, const OffsetKey&, const Entry&)>& visit) const {
  struct Found {
    ProducerId producer;
    const ByKey::value_type* entry;
  };
  std::vector<Found> found;
  for (const auto& [producer, offsets] : producers_) {
    for (const auto& entry : offsets) {
      if (entry.second.overtaken == overtaken) found.push_back({producer, &entry});
    }
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.entry->second.order < b.entry->second.order;
  });
  for (const Found& one : found) visit(one.producer, one.entry->first, one.entry->second);
}

}  // namespace horolog::coordinator
