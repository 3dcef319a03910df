#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "client/bootstrap.hpp"
#include "client/call.hpp"
#include "horolog/types.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {
struct MetadataResponse;
}

namespace horolog::client {

struct BrokerInfo {
  NodeId id = no_node;
  HostPort address;
  std::optional<std::string> rack;
  bool operator==(const BrokerInfo&) const = default;
};

struct PartitionInfo {
  wire::ErrorCode error = wire::ErrorCode::none;
  NodeId leader = no_node;
  LeaderEpoch leader_epoch = -1;
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
  std::vector<NodeId> offline;
  bool operator==(const PartitionInfo&) const = default;
};

struct TopicInfo {
  std::string name;
  Uuid id;  ///< zero when the broker does not tell (before Metadata version 10)
  bool internal = false;
  std::vector<PartitionInfo> partitions;  ///< by partition index, without gaps
  MonoNs learned_at = 0;
};

/// What is known about the cluster: an immutable value, shared by pointer between threads. A newer
/// state is another object.
class Metadata {
 public:
  /// Null when the topic has not been looked up, or does not exist.
  std::shared_ptr<const TopicInfo> topic(std::string_view name) const;
  std::shared_ptr<const TopicInfo> topic(const Uuid& id) const;
  /// Null when topic or partition is not known. The leader may be no_node.
  const PartitionInfo* partition(std::string_view topic, PartitionIndex index) const;
  const BrokerInfo* broker(NodeId id) const;

  /// Counts up with every change.
  std::uint64_t version = 0;
  std::optional<std::string> cluster_id;
  NodeId controller = no_node;
  std::map<NodeId, BrokerInfo> brokers;
  std::map<std::string, std::shared_ptr<const TopicInfo>, std::less<>> topics;
  std::unordered_map<Uuid, std::shared_ptr<const TopicInfo>> topics_by_id;

  /// The state after an answer. `all`: it was asked for every topic, so those that are missing in
  /// the answer have gone. A leader with a lower epoch than is known is an old answer and ignored.
  Metadata after(const wire::MetadataResponse& answer, bool all, MonoNs now) const;
  /// The state in which `tp` is led by `leader`, as a broker hinted (KIP-951), or by nobody known
  /// (no_node). Unchanged when the hint is older than what is known.
  Metadata with_leader(const TopicPartition& tp, NodeId leader, LeaderEpoch epoch) const;
  Metadata with_broker(BrokerInfo broker) const;
};

}  // namespace horolog::client
