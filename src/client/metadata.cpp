#include "client/metadata.hpp"

#include <algorithm>

#include "protocol/messages/metadata.hpp"

namespace horolog::client {
namespace {

using Answer = wire::MetadataResponse;

/// Topics are at most this wide here: an answer with a larger index is not followed.
constexpr PartitionIndex most_partitions = 1'000'000;

PartitionInfo partition_of(const Answer::Partition& given, const TopicInfo* old) {
  PartitionInfo info{.error = given.error_code,
                     .leader = given.leader_id,
                     .leader_epoch = given.leader_epoch,
                     .replicas = given.replica_nodes,
                     .isr = given.isr_nodes,
                     .offline = given.offline_replicas};
  const auto index = static_cast<std::size_t>(given.partition_index);
  if (old == nullptr || index >= old->partitions.size()) return info;
  const PartitionInfo& known = old->partitions[index];
  if (info.leader_epoch >= 0 && info.leader_epoch < known.leader_epoch) return known;
  return info;
}

std::shared_ptr<const TopicInfo> topic_of(const Answer::Topic& given, const TopicInfo* old,
                                          MonoNs now) {
  // A topic that was deleted and created again starts with new epochs.
  if (old != nullptr && old->id != given.topic_id) old = nullptr;
  auto info = std::make_shared<TopicInfo>();
  info->name = given.name.value_or("");
  info->id = given.topic_id;
  info->internal = given.is_internal;
  info->learned_at = now;
  PartitionIndex count = 0;
  for (const auto& partition : given.partitions) {
    if (partition.partition_index < 0 || partition.partition_index >= most_partitions) continue;
    count = std::max(count, partition.partition_index + 1);
  }
  // Indexes run without gaps; what an answer leaves out has no leader.
  info->partitions.resize(std::min<std::size_t>(static_cast<std::size_t>(count),
                                                given.partitions.size()));
  for (const auto& partition : given.partitions) {
    const auto index = static_cast<std::size_t>(partition.partition_index);
    if (partition.partition_index < 0 || index >= info->partitions.size()) continue;
    info->partitions[index] = partition_of(partition, old);
  }
  return info;
}

}  // namespace

std::shared_ptr<const TopicInfo> Metadata::topic(std::string_view name) const {
  const auto found = topics.find(name);
  return found == topics.end() ? nullptr : found->second;
}

std::shared_ptr<const TopicInfo> Metadata::topic(const Uuid& id) const {
  const auto found = topics_by_id.find(id);
  return found == topics_by_id.end() ? nullptr : found->second;
}

const PartitionInfo* Metadata::partition(std::string_view name, PartitionIndex index) const {
  const auto found = topics.find(name);
  if (found == topics.end() || index < 0) return nullptr;
  const auto& partitions = found->second->partitions;
  const auto at = static_cast<std::size_t>(index);
  return at < partitions.size() ? &partitions[at] : nullptr;
}

const BrokerInfo* Metadata::broker(NodeId id) const {
  const auto found = brokers.find(id);
  return found == brokers.end() ? nullptr : &found->second;
}

Metadata Metadata::after(const wire::MetadataResponse& answer, bool all, MonoNs now) const {
  Metadata next = *this;
  ++next.version;
  if (answer.cluster_id) next.cluster_id = answer.cluster_id;
  next.controller = answer.controller_id;
  next.brokers.clear();
  for (const auto& broker : answer.brokers) {
    if (broker.node_id < 0 || broker.port <= 0 || broker.port > 0xFFFF) continue;
    next.brokers[broker.node_id] = {
        .id = broker.node_id,
        .address = {broker.host, static_cast<std::uint16_t>(broker.port)},
        .rack = broker.rack};
  }
  if (all) next.topics.clear();
  for (const auto& topic : answer.topics) {
    if (!topic.name || topic.name->empty()) continue;
    const auto old = this->topic(*topic.name);
    if (topic.error_code == wire::ErrorCode::none) {
      next.topics[*topic.name] = topic_of(topic, old.get(), now);
    } else if (!wire::is_retriable(topic.error_code) ||
               topic.error_code == wire::ErrorCode::unknown_topic_or_partition) {
      next.topics.erase(*topic.name);
    } else if (all && old) {
      next.topics[*topic.name] = old;
    }
  }
  next.topics_by_id.clear();
  for (const auto& [name, topic] : next.topics) {
    if (!topic->id.is_zero()) next.topics_by_id[topic->id] = topic;
  }
  return next;
}

Metadata Metadata::with_leader(const TopicPartition& tp, NodeId leader,
                               LeaderEpoch epoch) const {
  Metadata next = *this;
  const PartitionInfo* known = partition(tp.topic, tp.partition);
  if (known == nullptr || (epoch >= 0 && epoch < known->leader_epoch)) return next;
  auto changed = std::make_shared<TopicInfo>(*topic(tp.topic));
  PartitionInfo& info = changed->partitions[static_cast<std::size_t>(tp.partition)];
  info.leader = leader;
  if (epoch >= 0) info.leader_epoch = epoch;
  ++next.version;
  if (!changed->id.is_zero()) next.topics_by_id[changed->id] = changed;
  next.topics[tp.topic] = std::move(changed);
  return next;
}

Metadata Metadata::with_broker(BrokerInfo broker) const {
  Metadata next = *this;
  ++next.version;
  const NodeId id = broker.id;
  next.brokers[id] = std::move(broker);
  return next;
}

}  // namespace horolog::client
