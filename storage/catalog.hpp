#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::storage {

class PartitionLog;

struct TopicInfo {
  std::string name;
  Uuid id;
  PartitionIndex partitions = 0;
  LeaderEpoch leader_epoch = 0;
  bool internal = false;  ///< __consumer_offsets, __transaction_state
  /// Only what was set for this topic, as text, under Kafka's names.
  std::map<std::string, std::string> configs;
};

/// Everything the catalog holds at one instant. Immutable: hold the pointer as long as you like.
struct CatalogSnapshot {
  std::string cluster_id;
  std::int32_t node_id = 1;
  std::map<std::string, std::shared_ptr<const TopicInfo>, std::less<>> topics;
  std::unordered_map<Uuid, std::shared_ptr<const TopicInfo>> topics_by_id;
  /// Broker settings changed by AlterConfigs: for this broker, and for the whole cluster (weaker).
  std::map<std::string, std::string> broker_configs;
  std::map<std::string, std::string> cluster_configs;
  std::map<std::string, std::map<std::string, std::string>> group_configs;
  std::map<std::string, std::int16_t> features;  ///< finalised levels
  ProducerId next_producer_id = 0;
  Offset metadata_offset = 0;     ///< of the last record that was applied
  std::int64_t broker_epoch = 0;  ///< offset of this broker's registration

  std::shared_ptr<const TopicInfo> find(std::string_view topic) const;
  std::shared_ptr<const TopicInfo> find(const Uuid& id) const;
};

/// Topics, ids, configurations, features and producer-id blocks: records of one log,
/// __cluster_metadata-0, in Kafka's KRaft formats. A change is one batch: appended, synced, then
/// replayed into a new snapshot that is swapped in. Mutating calls block (they sync) and are
/// serialised by the catalog; call them from the blocking pool. snapshot() is wait-free enough for
/// every request and may be called from any thread.
class Catalog {
 public:
  std::shared_ptr<const CatalogSnapshot> snapshot() const;

  /// Errc::already_exists when the name is taken. Configs must have been validated.
  Result<std::shared_ptr<const TopicInfo>> create_topic(
      const std::string& name, PartitionIndex partitions,
      const std::map<std::string, std::string>& configs, TimestampMs now);
  /// Several topics in one sync; all must be new. In the order given.
  Result<std::vector<std::shared_ptr<const TopicInfo>>> create_topics(
      const std::vector<TopicInfo>& topics, TimestampMs now);
  Status delete_topic(const Uuid& id, TimestampMs now);
  Status add_partitions(const Uuid& id, PartitionIndex new_total, TimestampMs now);

  enum class ResourceType : std::uint8_t { topic = 2, broker = 4, group = 32 };
  struct ConfigChange {
    ResourceType type;
    std::string resource;  ///< topic, node id or group; "" = the cluster-wide broker default
    std::string key;
    std::optional<std::string> value;  ///< nullopt = delete
  };
  /// All in one batch, in order.
  Status change_configs(const std::vector<ConfigChange>& changes, TimestampMs now);

  /// Finalises these levels; 0 = none. The levels must have been checked.
  Status change_features(const std::map<std::string, std::int16_t>& levels, TimestampMs now);

  /// A block of `count` producer ids nobody has had; durable before it is returned.
  Result<ProducerId> allocate_producer_ids(std::int32_t count, TimestampMs now);
  /// Raises the leader epoch of every partition (unclean start).
  Status raise_leader_epochs(TimestampMs now);

  ~Catalog();

 private:
  friend class LogStore;
  struct Impl;
  explicit Catalog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::storage
