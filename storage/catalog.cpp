#include "storage/catalog.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "storage/catalog_impl.hpp"
#include "storage/catalog_records.hpp"
#include "storage/catalog_state.hpp"

namespace horolog::storage {
namespace {

wire::PartitionRecord partition_record(const MetaProperties& meta, const Uuid& topic,
                                       PartitionIndex index, LeaderEpoch epoch) {
  wire::PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = {meta.node_id};
  record.isr = {meta.node_id};
  record.leader = meta.node_id;
  record.leader_epoch = epoch;
  record.partition_epoch = 0;
  record.directories = {meta.directory_id};
  return record;
}

constexpr std::int16_t partition_version = 2;

std::size_t partition_count(const CatalogSnapshot& snapshot) {
  std::size_t total = 0;
  for (const auto& [name, info] : snapshot.topics) {
    total += static_cast<std::size_t>(info->partitions);
  }
  return total;
}

/// Errc::too_large when `topics` and `partitions` more would pass a limit.
Status check_limits(const CatalogSnapshot& snapshot, std::size_t topics, std::size_t partitions) {
  if (snapshot.topics.size() + topics > limits::topics_total) {
    return Error(Errc::too_large, fmt::format("more than {} topics", limits::topics_total));
  }
  if (partition_count(snapshot) + partitions > limits::partitions_total) {
    return Error(Errc::too_large,
                 fmt::format("more than {} partitions in total", limits::partitions_total));
  }
  return {};
}

Error no_topic() { return Error(Errc::not_found, "no topic has this id"); }

}  // namespace

std::shared_ptr<const TopicInfo> CatalogSnapshot::find(std::string_view topic) const {
  const auto found = topics.find(topic);
  return found == topics.end() ? nullptr : found->second;
}

std::shared_ptr<const TopicInfo> CatalogSnapshot::find(const Uuid& id) const {
  const auto found = topics_by_id.find(id);
  return found == topics_by_id.end() ? nullptr : found->second;
}

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::~Catalog() = default;

std::shared_ptr<const CatalogSnapshot> Catalog::snapshot() const { return impl_->snapshot(); }

Status Catalog::Impl::commit(const std::vector<ByteBuffer>& records, TimestampMs now) {
  const ByteBuffer batch = metadata_batch(records, log->end_offset(), log->epoch(), now);
  if (Status appended = log->append(batch); !appended) {
    if (appended.error().code() != Errc::disk_full && on_failure) on_failure(appended.error());
    return appended;
  }
  CatalogState state(*snapshot());
  const Status applied = state.apply(record::parse_batch(batch).value());
  // What was written a moment ago is what replay understands, or one of the two has a bug.
  HOROLOG_ASSERT(applied.ok());
  removed.insert(state.removed().begin(), state.removed().end());
  auto next = state.finish();
  const std::lock_guard lock(snapshot_mutex);
  current = std::move(next);
  return {};
}

Result<std::shared_ptr<const TopicInfo>> Catalog::create_topic(
    const std::string& name, PartitionIndex partitions,
    const std::map<std::string, std::string>& configs, TimestampMs now) {
  TopicInfo topic;
  topic.name = name;
  topic.id = Uuid::random();
  topic.partitions = partitions;
  topic.configs = configs;
  HOROLOG_ASSIGN(auto created, create_topics({topic}, now));
  return created.front();
}

Result<std::vector<std::shared_ptr<const TopicInfo>>> Catalog::create_topics(
    const std::vector<TopicInfo>& topics, TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  const auto before = impl_->snapshot();
  std::vector<ByteBuffer> records;
  std::size_t partitions = 0;
  for (const TopicInfo& topic : topics) {
    HOROLOG_ASSERT(topic.partitions > 0 && !topic.id.is_zero());
    if (before->find(topic.name) != nullptr) {
      return Error(Errc::already_exists, fmt::format("Topic '{}' already exists.", topic.name));
    }
    partitions += static_cast<std::size_t>(topic.partitions);
    records.push_back(
        encode_metadata(wire::TopicRecord{.name = topic.name, .topic_id = topic.id}, 0));
    for (const auto& [key, value] : topic.configs) {
      records.push_back(encode_metadata(
          wire::ConfigRecord{.resource_type = static_cast<std::int8_t>(ResourceType::topic),
                             .resource_name = topic.name,
                             .name = key,
                             .value = value},
          0));
    }
    for (PartitionIndex i = 0; i < topic.partitions; ++i) {
      records.push_back(
          encode_metadata(partition_record(impl_->meta, topic.id, i, 0), partition_version));
    }
  }
  HOROLOG_TRY(check_limits(*before, topics.size(), partitions));
  std::vector<std::shared_ptr<const TopicInfo>> created;
  if (records.empty()) return created;
  HOROLOG_TRY(impl_->commit(records, now));
  const auto after = impl_->snapshot();
  for (const TopicInfo& topic : topics) created.push_back(after->find(topic.id));
  return created;
}

Status Catalog::delete_topic(const Uuid& id, TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  if (impl_->snapshot()->find(id) == nullptr) return no_topic();
  return impl_->commit({encode_metadata(wire::RemoveTopicRecord{.topic_id = id}, 0)}, now);
}

Status Catalog::add_partitions(const Uuid& id, PartitionIndex new_total, TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  const auto before = impl_->snapshot();
  const auto topic = before->find(id);
  if (topic == nullptr) return no_topic();
  if (new_total <= topic->partitions) {
    return Error(Errc::invalid_argument,
                 fmt::format("The topic {} currently has {} partition(s); {} would not be an "
                             "increase.",
                             topic->name, topic->partitions, new_total));
  }
  HOROLOG_TRY(check_limits(*before, 0, static_cast<std::size_t>(new_total - topic->partitions)));
  std::vector<ByteBuffer> records;
  for (PartitionIndex i = topic->partitions; i < new_total; ++i) {
    records.push_back(encode_metadata(partition_record(impl_->meta, id, i, topic->leader_epoch),
                                      partition_version));
  }
  return impl_->commit(records, now);
}

Status Catalog::change_configs(const std::vector<ConfigChange>& changes, TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  std::vector<ByteBuffer> records;
  for (const ConfigChange& change : changes) {
    records.push_back(
        encode_metadata(wire::ConfigRecord{.resource_type = static_cast<std::int8_t>(change.type),
                                           .resource_name = change.resource,
                                           .name = change.key,
                                           .value = change.value},
                        0));
  }
  if (records.empty()) return {};
  return impl_->commit(records, now);
}

Status Catalog::change_features(const std::map<std::string, std::int16_t>& levels,
                                TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  std::vector<ByteBuffer> records;
  for (const auto& [name, level] : levels) {
    records.push_back(
        encode_metadata(wire::FeatureLevelRecord{.name = name, .feature_level = level}, 0));
  }
  if (records.empty()) return {};
  return impl_->commit(records, now);
}

Result<ProducerId> Catalog::allocate_producer_ids(std::int32_t count, TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  HOROLOG_ASSERT(count > 0);
  const auto before = impl_->snapshot();
  const wire::ProducerIdsRecord block{.broker_id = impl_->meta.node_id,
                                      .broker_epoch = before->broker_epoch,
                                      .next_producer_id = before->next_producer_id + count};
  HOROLOG_TRY(impl_->commit({encode_metadata(block, 0)}, now));
  return before->next_producer_id;
}

Status Catalog::raise_leader_epochs(TimestampMs now) {
  const std::lock_guard lock(impl_->change_mutex);
  std::vector<ByteBuffer> records;
  const auto snapshot = impl_->snapshot();
  for (const auto& [name, topic] : snapshot->topics) {
    for (PartitionIndex i = 0; i < topic->partitions; ++i) {
      wire::PartitionChangeRecord change;
      change.partition_id = i;
      change.topic_id = topic->id;
      change.leader = impl_->meta.node_id;
      // A clean stop of Apache Kafka leaves the in-sync set empty and the replica eligible.
      change.isr = {impl_->meta.node_id};
      change.eligible_leader_replicas.emplace();
      change.last_known_elr.emplace();
      records.push_back(encode_metadata(change, partition_version));
    }
  }
  if (records.empty()) return {};
  return impl_->commit(records, now);
}

}  // namespace horolog::storage
