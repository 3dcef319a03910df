#include "broker/fetch_session.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace horolog::broker {

using wire::ErrorCode;

std::size_t FetchSession::Hash::operator()(const Key& key) const {
  const std::size_t topic =
      key.topic.empty() ? std::hash<Uuid>{}(key.topic_id) : std::hash<std::string>{}(key.topic);
  return topic * 31 + static_cast<std::size_t>(key.partition);
}

FetchSession::Key FetchSession::key_of(const std::string& topic, const Uuid& id,
                                       PartitionIndex partition) const {
  return by_topic_id_ ? Key{{}, id, partition} : Key{topic, {}, partition};
}

ErrorCode FetchSession::advance(std::int32_t epoch, bool by_topic_id) {
  if (epoch != next_epoch_) return ErrorCode::invalid_fetch_session_epoch;
  if (by_topic_id != by_topic_id_) return ErrorCode::fetch_session_topic_id_error;
  next_epoch_ = epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
  return ErrorCode::none;
}

void FetchSession::update(const wire::FetchRequest& asked) {
  for (const auto& topic : asked.topics) {
    for (const auto& wanted : topic.partitions) {
      auto& known = partitions_[key_of(topic.topic, topic.topic_id, wanted.partition)];
      if (known == nullptr) {
        known = std::make_shared<FetchPartition>(by_topic_id_ ? std::string() : topic.topic,
                                                 topic.topic_id, wanted, bell_);
      } else {
        known->asked = wanted;
      }
      activate(known);
    }
  }
  for (const auto& topic : asked.forgotten_topics_data) {
    for (const PartitionIndex partition : topic.partitions) {
      const auto found = partitions_.find(key_of(topic.topic, topic.topic_id, partition));
      if (found == partitions_.end()) continue;
      found->second->active = false;
      found->second->forgotten = true;
      partitions_.erase(found);
    }
  }
  // What another isolation level shows of a quiet partition is not known.
  if (std::exchange(isolation_level_, asked.isolation_level) != asked.isolation_level) {
    for (const auto& [key, partition] : partitions_) activate(partition);
  }
  drop_inactive();
  shown_size.store(partitions_.size(), std::memory_order_relaxed);
}

void FetchSession::activate(const std::shared_ptr<FetchPartition>& partition) {
  if (std::exchange(partition->active, true)) return;
  active_.push_back(partition);
}

void FetchSession::gather() {
  for (const auto& weak : bell_->take()) {
    const auto partition = weak.lock();
    if (partition != nullptr && !partition->forgotten) activate(partition);
  }
}

void FetchSession::rotate() {
  std::vector<std::shared_ptr<FetchPartition>> served;
  std::erase_if(active_, [&](const auto& partition) {
    if (!std::exchange(partition->served, false)) return false;
    served.push_back(partition);
    return true;
  });
  active_.insert(active_.end(), std::make_move_iterator(served.begin()),
                 std::make_move_iterator(served.end()));
}

void FetchSession::drop_inactive() {
  std::erase_if(active_, [](const auto& partition) { return !partition->active; });
}

}  // namespace horolog::broker
