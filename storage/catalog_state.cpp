#include "storage/catalog_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "record/record.hpp"

namespace horolog::storage {
namespace {

/// The newest metadata.version whose records this version reads (Kafka 4.3).
constexpr std::int16_t newest_metadata_version = 30;

bool is_internal(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace

Status CatalogState::apply(const record::BatchView& batch) {
  next_.metadata_offset = batch.last_offset();
  if (batch.is_control()) return {};
  ByteBuffer scratch;
  HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch));
  while (reader.next()) {
    const record::RecordView& record = reader.record();
    if (!record.value) return Error(Errc::corrupt, "a metadata record has no value");
    HOROLOG_ASSIGN(const MetadataFrame frame, parse_metadata_frame(*record.value));
    HOROLOG_TRY(apply_record(frame));
  }
  return reader.status();
}

Status CatalogState::apply_record(const MetadataFrame& frame) {
  switch (frame.type) {
    case wire::TopicRecord::api.record_type:
      return apply_topic(frame);
    case wire::PartitionRecord::api.record_type:
      return apply_partition(frame);
    case wire::PartitionChangeRecord::api.record_type:
      return apply_partition_change(frame);
    case wire::RemoveTopicRecord::api.record_type:
      return apply_remove_topic(frame);
    case wire::ConfigRecord::api.record_type:
      return apply_config(frame);
    case wire::FeatureLevelRecord::api.record_type:
      return apply_feature(frame);
    case wire::ProducerIdsRecord::api.record_type:
      return apply_producer_ids(frame);
    case wire::RegisterBrokerRecord::api.record_type:
      return apply_register_broker(frame);
    case wire::RegisterControllerRecord::api.record_type:
    case wire::BrokerRegistrationChangeRecord::api.record_type:
    case wire::NoOpRecord::api.record_type:
      return {};
    case wire::BeginTransactionRecord::api.record_type:
      publish_drafts();
      before_transaction_ = next_;
      return {};
    case wire::EndTransactionRecord::api.record_type:
      before_transaction_.reset();
      return {};
    case wire::AbortTransactionRecord::api.record_type: {
      if (!before_transaction_) return Error(Errc::corrupt, "an abort without its transaction");
      const Offset offset = next_.metadata_offset;
      drafts_.clear();
      next_ = *std::exchange(before_transaction_, std::nullopt);
      next_.metadata_offset = offset;
      return {};
    }
    default:
      ignore(frame.type);
      return {};
  }
}

void CatalogState::ignore(std::int16_t type) {
  static constexpr std::pair<std::int16_t, const char*> known[] = {
      {1, "UnregisterBroker"},       {7, "FenceBroker"},
      {8, "UnfenceBroker"},          {10, "DelegationToken"},
      {11, "UserScramCredential"},   {14, "ClientQuota"},
      {18, "AccessControlEntry"},    {19, "RemoveAccessControlEntry"},
      {21, "ZkMigrationState"},      {22, "RemoveUserScramCredential"},
      {26, "RemoveDelegationToken"}, {28, "ClearElr"}};
  for (const auto& [number, name] : known) {
    if (number == type) {
      ignored_.insert(name);
      return;
    }
  }
  ignored_.insert(fmt::format("type {}", type));
}

TopicInfo* CatalogState::draft(const Uuid& id) {
  if (const auto found = drafts_.find(id); found != drafts_.end()) return found->second.get();
  const auto known = next_.topics_by_id.find(id);
  if (known == next_.topics_by_id.end()) return nullptr;
  return drafts_.emplace(id, std::make_shared<TopicInfo>(*known->second)).first->second.get();
}

TopicInfo* CatalogState::draft(const std::string& name) {
  const auto known = next_.topics.find(name);
  return known == next_.topics.end() ? nullptr : draft(known->second->id);
}

void CatalogState::publish_drafts() {
  for (auto& [id, info] : drafts_) {
    next_.topics[info->name] = info;
    next_.topics_by_id[id] = info;
  }
  drafts_.clear();
}

std::shared_ptr<const CatalogSnapshot> CatalogState::finish() {
  if (before_transaction_) {
    const Offset offset = next_.metadata_offset;
    drafts_.clear();
    next_ = std::move(*before_transaction_);
    next_.metadata_offset = offset;
  }
  publish_drafts();
  return std::make_shared<const CatalogSnapshot>(std::move(next_));
}

Status CatalogState::apply_topic(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(auto topic, decode_metadata<wire::TopicRecord>(frame));
  if (next_.topics.contains(topic.name) || next_.topics_by_id.contains(topic.topic_id)) {
    return Error(Errc::corrupt, fmt::format("topic '{}' is created twice", topic.name));
  }
  auto info = std::make_shared<TopicInfo>();
  info->name = topic.name;
  info->id = topic.topic_id;
  info->internal = is_internal(topic.name);
  next_.topics.emplace(info->name, info);
  next_.topics_by_id.emplace(info->id, info);
  drafts_.emplace(info->id, std::move(info));
  return {};
}

Status CatalogState::apply_partition(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto partition, decode_metadata<wire::PartitionRecord>(frame));
  TopicInfo* topic = draft(partition.topic_id);
  if (topic == nullptr) return Error(Errc::corrupt, "a partition without its topic");
  if (partition.replicas != std::vector<std::int32_t>{next_.node_id}) {
    return Error(Errc::unsupported,
                 fmt::format("partition {}-{} has replicas [{}]; this version serves one node, "
                             "node.id={}",
                             topic->name, partition.partition_id,
                             fmt::join(partition.replicas, ","), next_.node_id));
  }
  if (partition.partition_id < 0 || partition.partition_id > topic->partitions) {
    return Error(Errc::corrupt,
                 fmt::format("partition {} of topic '{}' follows {} partitions",
                             partition.partition_id, topic->name, topic->partitions));
  }
  topic->partitions = std::max(topic->partitions, partition.partition_id + 1);
  topic->leader_epoch = std::max(topic->leader_epoch, partition.leader_epoch);
  return {};
}

Status CatalogState::apply_partition_change(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto change, decode_metadata<wire::PartitionChangeRecord>(frame));
  TopicInfo* topic = draft(change.topic_id);
  if (topic == nullptr || change.partition_id < 0 || change.partition_id >= topic->partitions) {
    return Error(Errc::corrupt, "a change of a partition that does not exist");
  }
  // Naming a leader starts a new epoch. All partitions of a topic share ours: the change of the
  // first one stands for them.
  if (change.leader != wire::PartitionChangeRecord{}.leader && change.partition_id == 0) {
    ++topic->leader_epoch;
  }
  return {};
}

Status CatalogState::apply_remove_topic(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto removed, decode_metadata<wire::RemoveTopicRecord>(frame));
  const auto found = next_.topics_by_id.find(removed.topic_id);
  if (found == next_.topics_by_id.end()) {
    return Error(Errc::corrupt, "a topic is removed that does not exist");
  }
  drafts_.erase(removed.topic_id);
  next_.topics.erase(found->second->name);
  next_.topics_by_id.erase(found);
  removed_.insert(removed.topic_id);
  return {};
}

Status CatalogState::apply_config(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(auto config, decode_metadata<wire::ConfigRecord>(frame));
  const auto put = [&](std::map<std::string, std::string>& target) {
    if (config.value) {
      target[config.name] = *config.value;
    } else {
      target.erase(config.name);
    }
  };
  switch (static_cast<Catalog::ResourceType>(config.resource_type)) {
    case Catalog::ResourceType::topic:
      if (TopicInfo* topic = draft(config.resource_name)) put(topic->configs);
      return {};
    case Catalog::ResourceType::broker:
      if (config.resource_name.empty()) {
        put(next_.cluster_configs);
      } else if (config.resource_name == std::to_string(next_.node_id)) {
        put(next_.broker_configs);
      }
      return {};
    case Catalog::ResourceType::group: {
      auto& group = next_.group_configs[config.resource_name];
      put(group);
      if (group.empty()) next_.group_configs.erase(config.resource_name);
      return {};
    }
  }
  return {};
}

Status CatalogState::apply_feature(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto feature, decode_metadata<wire::FeatureLevelRecord>(frame));
  if (feature.name == "metadata.version" && feature.feature_level > newest_metadata_version) {
    return Error(Errc::unsupported,
                 fmt::format("metadata.version {} was written by a newer version; this one reads "
                             "up to {}: start the newer version on this directory",
                             feature.feature_level, newest_metadata_version));
  }
  if (feature.feature_level == 0) {
    next_.features.erase(feature.name);
  } else {
    next_.features[feature.name] = feature.feature_level;
  }
  return {};
}

Status CatalogState::apply_producer_ids(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto block, decode_metadata<wire::ProducerIdsRecord>(frame));
  if (block.next_producer_id < next_.next_producer_id) {
    return Error(Errc::corrupt, "the next producer id goes back");
  }
  next_.next_producer_id = block.next_producer_id;
  return {};
}

Status CatalogState::apply_register_broker(const MetadataFrame& frame) {
  HOROLOG_ASSIGN(const auto broker, decode_metadata<wire::RegisterBrokerRecord>(frame));
  if (broker.broker_id == next_.node_id) next_.broker_epoch = broker.broker_epoch;
  return {};
}

}  // namespace horolog::storage
