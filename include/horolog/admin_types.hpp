#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "horolog/transaction.hpp"
#include "horolog/types.hpp"

/// What the admin client takes and gives. Plain values.
namespace horolog {

/// Outcomes of a request about several things, in the order in which they were named: one may fail
/// while the others succeed.
template <typename Key, typename Value>
using PerItem = std::vector<std::pair<Key, Result<Value>>>;

using BrokerId = std::int32_t;
inline constexpr BrokerId no_broker = -1;

struct BrokerDescription {
  BrokerId id = no_broker;
  std::string host;  ///< as the cluster advertises it
  std::uint16_t port = 0;
  std::optional<std::string> rack;
};

struct ClusterDescription {
  std::string cluster_id;
  BrokerId controller = no_broker;
  std::vector<BrokerDescription> brokers;
  /// The finalized transaction.version; 2 and up have transactions as KIP-890 describes them.
  std::int16_t transaction_version = 0;
};

struct PartitionDescription {
  PartitionIndex partition = 0;
  BrokerId leader = no_broker;
  LeaderEpoch leader_epoch = -1;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> in_sync;
  std::vector<BrokerId> offline;
};

struct TopicDescription {
  std::string name;
  Uuid id;  ///< zero when the broker has no topic ids
  bool internal = false;
  std::vector<PartitionDescription> partitions;  ///< by index
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;         ///< -1: the broker's num.partitions
  std::int16_t replication_factor = -1;  ///< -1: the broker's default
  std::map<std::string, std::string> configs;
  /// Brokers by partition, the preferred leader first; then the two numbers above stay -1.
  std::vector<std::vector<BrokerId>> assignment;
};

/// What the broker made of a NewTopic; -1 where an old broker does not say.
struct CreatedTopic {
  Uuid id;
  std::int32_t partitions = -1;
  std::int16_t replication_factor = -1;
  std::map<std::string, std::string> configs;
};

struct NewPartitions {
  std::string topic;
  std::int32_t total = 0;  ///< partitions that it shall have, those it has included
};

/// Records before `before` shall go; -1: all that are committed.
struct RecordsToDelete {
  TopicPartition partition;
  Offset before = 0;
};

enum class ConfigType : std::int8_t { topic = 2, broker = 4, broker_logger = 8, group = 32 };

struct ConfigResource {
  ConfigType type = ConfigType::topic;
  std::string name;  ///< topic, broker id in digits (empty: all brokers), group
  auto operator<=>(const ConfigResource&) const = default;
};

/// Where a value comes from; the numbers are the protocol's.
enum class ConfigSource : std::int8_t {
  unknown = 0,
  topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_value = 5,
  dynamic_broker_logger = 6,
  client_metrics = 7,
  group = 8,
};

struct ConfigSynonym {
  std::string name;
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::unknown;
};

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  ///< null when sensitive
  ConfigSource source = ConfigSource::unknown;
  bool read_only = false;
  bool sensitive = false;
  std::vector<ConfigSynonym> synonyms;       ///< what the value is made from, the winner first
  std::optional<std::string> documentation;  ///< only when asked for
};

enum class ConfigOperation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigChange {
  ConfigResource resource;
  std::string name;
  ConfigOperation operation = ConfigOperation::set;
  std::optional<std::string> value;  ///< not for remove
};

struct GroupListing {
  std::string id;
  std::string protocol_type;  ///< "consumer" for groups that consume; empty for mere offsets
  std::string state;          ///< "Stable", "Empty"…; empty when an old broker does not say
  std::string type;           ///< "classic" or "consumer"; empty when an old broker does not say
  BrokerId coordinator = no_broker;
};

struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string host;
  /// Of a consumer; empty while the group rebalances.
  std::vector<TopicPartition> assignment;
  /// Topics it subscribed to.
  std::vector<std::string> topics;
};

struct GroupDescription {
  std::string id;
  std::string state;
  std::string protocol_type;
  std::string assignor;
  BrokerDescription coordinator;
  std::vector<GroupMember> members;
  std::string type;  ///< "classic", or "consumer" (KIP-848)
};

struct MemberToRemove {
  std::string member_id;                   ///< may be empty when instance_id is given
  std::optional<std::string> instance_id;  ///< group.instance.id
};

/// Which offset of a partition is asked for: one of the constants, or at_time().
struct OffsetSpec {
  std::int64_t timestamp = -1;

  static OffsetSpec latest() { return {-1}; }
  static OffsetSpec earliest() { return {-2}; }
  /// The record with the highest timestamp (KIP-734).
  static OffsetSpec max_timestamp() { return {-3}; }
  /// The first record whose timestamp is at least `time`.
  static OffsetSpec at_time(TimestampMs time) { return {time}; }
};

struct OffsetQuery {
  TopicPartition partition;
  OffsetSpec spec;
};

/// An answer to an OffsetQuery. offset -1: there is no such record.
struct ListedOffset {
  Offset offset = no_offset;
  TimestampMs timestamp = no_timestamp;  ///< of the record; -1 for earliest and latest
  LeaderEpoch leader_epoch = -1;
};

struct ReplicaSize {
  TopicPartition partition;
  std::int64_t bytes = 0;
  Offset lag = 0;
  bool future = false;  ///< being moved here
};

struct LogDirectory {
  std::string path;
  std::optional<Error> error;
  std::int64_t total_bytes = -1;   ///< of the volume; -1: not known
  std::int64_t usable_bytes = -1;  ///< of the volume; -1: not known
  std::vector<ReplicaSize> replicas;
};

struct TransactionListing {
  std::string transactional_id;
  ProducerId producer_id = no_producer_id;
  std::string state;
  BrokerId coordinator = no_broker;
};

struct TransactionDescription {
  std::string transactional_id;
  std::string state;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
  std::chrono::milliseconds timeout{0};
  TimestampMs started_at = no_timestamp;  ///< -1: none is open
  std::vector<TopicPartition> partitions;
};

struct ProducerState {
  ProducerId producer_id = no_producer_id;
  std::int32_t producer_epoch = -1;
  std::int32_t last_sequence = -1;
  TimestampMs last_timestamp = no_timestamp;
  std::int32_t coordinator_epoch = -1;
  Offset open_transaction_start = no_offset;  ///< -1: no transaction is open
};

}  // namespace horolog
