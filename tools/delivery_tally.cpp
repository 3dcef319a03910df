#include "tools/delivery_tally.hpp"

#include <algorithm>

namespace horolog::command {

DeliveryCallback DeliveryTally::callback(std::string_view topic, std::uint64_t line) {
  const std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    found = topics_.emplace(std::string(topic), Topic{}).first;
    found->second.tally = this;
  }
  return [entry = &found->second, line](const Result<Position>& at) {
    entry->tally->told(*entry, line, at);
  };
}

void DeliveryTally::told(Topic& topic, std::uint64_t line, const Result<Position>& at) {
  if (!at) return failed(line, at.error());
  const std::lock_guard lock(mutex_);
  ++delivered_;
  Partition& partition = topic.partitions[at->partition];
  ++partition.records;
  if (at->offset == no_offset) return;
  if (partition.first == no_offset || at->offset < partition.first) partition.first = at->offset;
  partition.last = std::max(partition.last, at->offset);
}

void DeliveryTally::failed(std::uint64_t line, const Error& error) {
  const std::lock_guard lock(mutex_);
  ++failed_;
  if (failures_.size() < kept_failures) failures_.push_back({line, error});
}

std::int64_t DeliveryTally::count_delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

std::int64_t DeliveryTally::count_failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::map<TopicPartition, DeliveryTally::Partition> DeliveryTally::partitions() const {
  const std::lock_guard lock(mutex_);
  std::map<TopicPartition, Partition> all;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [index, partition] : topic.partitions) all[{name, index}] = partition;
  }
  return all;
}

std::vector<DeliveryTally::Failure> DeliveryTally::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

}  // namespace horolog::command
