#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/log_limit.hpp"
#include "broker/cleaner_metrics.hpp"
#include "broker/config.hpp"
#include "broker/flusher.hpp"
#include "broker/partition_table.hpp"
#include "broker/request_metrics.hpp"
#include "net/shard.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {

class FetchSessionCache;
class GroupService;
class ProducerIds;
class TopicManager;
class TransactionService;

/// What every handler works with. Made by the composition root, outlives every session; all members
/// are thread-safe.
struct Context {
  const Clock& clock;
  storage::LogStore& store;
  net::ShardPool& shards;
  /// The blocking pool: whatever may wait for a disk runs here, never on a shard.
  Executor& pool;
  Flusher& flusher;
  PartitionTable& partitions;
  TopicManager& topics;
  GroupService& groups;
  FetchSessionCache& fetch_sessions;
  TransactionService& transactions;
  ProducerIds& producer_ids;
  RequestMetrics& metrics;

  /// The current configuration; hold the pointer for the length of one request.
  std::shared_ptr<const BrokerConfig> config() const {
    const std::lock_guard lock(config_mutex);
    return current_config;
  }
  void set_config(std::shared_ptr<const BrokerConfig> config) {
    const std::lock_guard lock(config_mutex);
    current_config = std::move(config);
  }
  std::shared_ptr<const storage::CatalogSnapshot> catalog() const {
    return store.catalog().snapshot();
  }

  mutable std::mutex config_mutex;
  std::shared_ptr<const BrokerConfig> current_config;
  CleanerMetrics cleaner_metrics = {};
  /// Of the lines that tell what was refused to whom.
  log::Limit refusals{20};
};

}  // namespace horolog::broker
