#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "broker/partition_table.hpp"
#include "horolog/error.hpp"
#include "storage/catalog.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {

/// Changes to topics: catalog, logs and partition table moved together, one change at a time. Every
/// call blocks (it syncs): call it on the blocking pool. Names and configs must have been checked.
class TopicManager {
 public:
  /// Told after a topic is gone, on the pool (the group coordinator drops its offsets).
  using DeletedHook = std::function<void(const storage::TopicInfo&)>;

  TopicManager(storage::LogStore& store, PartitionTable& partitions, const Clock& clock)
      : store_(store), partitions_(partitions), clock_(clock) {}

  /// One result per topic, in order: Errc::already_exists, or what the disk said. `id` is assigned
  /// here when it is zero. All new topics share one sync.
  std::vector<Result<std::shared_ptr<const storage::TopicInfo>>> create(
      std::vector<storage::TopicInfo> topics);
  Status remove(const storage::TopicInfo& topic);
  Status add_partitions(const storage::TopicInfo& topic, PartitionIndex new_total);
  /// Also hands topics' new configurations to their logs.
  Status change_configs(const std::vector<storage::Catalog::ConfigChange>& changes);

  /// New broker-wide defaults, for the logs that exist and for those to come.
  void change_defaults(std::shared_ptr<const storage::LogConfig> defaults);

  void on_deleted(DeletedHook hook) { deleted_hook_ = std::move(hook); }

 private:
  Status apply_topic_config(const storage::CatalogSnapshot& catalog, const std::string& topic);

  storage::LogStore& store_;
  PartitionTable& partitions_;
  const Clock& clock_;
  std::mutex mutex_;
  DeletedHook deleted_hook_;
};

/// Kafka's rules for a topic name, with its message texts; nullopt = fine.
std::optional<std::string> topic_name_problem(std::string_view name);
/// __consumer_offsets and __transaction_state: clients may read them, not write or delete.
bool is_internal_topic(std::string_view name);

}  // namespace horolog::broker
