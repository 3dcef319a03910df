#include "broker/partition_table.hpp"

#include <utility>

namespace horolog::broker {

std::shared_ptr<const PartitionTable::Topics> PartitionTable::snapshot() const {
  const std::lock_guard lock(mutex_);
  return topics_;
}

std::shared_ptr<Partition> PartitionTable::find(std::string_view topic,
                                                PartitionIndex partition) const {
  const auto topics = snapshot();
  const auto found = topics->find(topic);
  if (found == topics->end() || partition < 0) return nullptr;
  const auto index = static_cast<std::size_t>(partition);
  return index < found->second.size() ? found->second[index] : nullptr;
}

std::vector<std::shared_ptr<Partition>> PartitionTable::all() const {
  std::vector<std::shared_ptr<Partition>> out;
  const auto topics = snapshot();  // outlives the loop, which another refresh() may overtake
  for (const auto& [name, partitions] : *topics) {
    for (const auto& partition : partitions) {
      if (partition != nullptr) out.push_back(partition);
    }
  }
  return out;
}

void PartitionTable::refresh() {
  const std::lock_guard change(change_mutex_);
  const auto before = snapshot();
  auto after = std::make_shared<Topics>();
  const auto catalog = store_.catalog().snapshot();
  for (const auto& [name, info] : catalog->topics) {
    Topic topic(static_cast<std::size_t>(info->partitions));
    const auto known = before->find(name);
    for (std::size_t i = 0; i < topic.size(); ++i) {
      if (known != before->end() && i < known->second.size()) topic[i] = known->second[i];
      if (topic[i] != nullptr && topic[i]->log().topic_id() == info->id) continue;
      auto log = store_.find({name, static_cast<PartitionIndex>(i)});
      topic[i] = log ? std::make_shared<Partition>(std::move(log), flusher_) : nullptr;
    }
    after->emplace(name, std::move(topic));
  }
  const std::lock_guard lock(mutex_);
  topics_ = std::move(after);
}

void PartitionTable::remove(const storage::TopicInfo& topic) {
  Topic gone;
  {
    const std::lock_guard change(change_mutex_);
    auto after = std::make_shared<Topics>(*snapshot());
    if (const auto found = after->find(topic.name); found != after->end()) {
      gone = std::move(found->second);
      after->erase(found);
    }
    const std::lock_guard lock(mutex_);
    topics_ = std::move(after);
  }
  for (const auto& partition : gone) {
    if (partition != nullptr) partition->mark_deleted();
  }
}

}  // namespace horolog::broker
