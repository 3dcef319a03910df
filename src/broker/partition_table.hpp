#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/partition.hpp"
#include "horolog/types.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {

class Flusher;

/// Every served partition, by name. refresh() makes it follow the log store. Thread-safe; lookups
/// take a shared snapshot and never wait for a refresh.
class PartitionTable {
 public:
  PartitionTable(storage::LogStore& store, Flusher& flusher) : store_(store), flusher_(flusher) {}

  /// nullptr when the partition does not exist, or is quarantined.
  std::shared_ptr<Partition> find(std::string_view topic, PartitionIndex partition) const;
  std::vector<std::shared_ptr<Partition>> all() const;
  /// Takes over what the log store gained. Blocking-pool or start-up thread.
  void refresh();
  /// Unlists a topic's partitions and wakes what waits on them.
  void remove(const storage::TopicInfo& topic);

 private:
  using Topic = std::vector<std::shared_ptr<Partition>>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Topics = std::unordered_map<std::string, Topic, Hash, std::equal_to<>>;

  std::shared_ptr<const Topics> snapshot() const;

  storage::LogStore& store_;
  Flusher& flusher_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Topics> topics_ = std::make_shared<const Topics>();
  std::mutex change_mutex_;  ///< one change at a time
};

}  // namespace horolog::broker
