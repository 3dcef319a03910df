#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "storage/log_store_impl.hpp"
#include "storage/topic_config.hpp"

namespace horolog::storage {

/// The partitions that the catalog has and that were not looked at yet.
Result<std::vector<LogStore::Impl::Candidate>> LogStore::Impl::missing_logs() {
  std::vector<Candidate> out;
  const auto snapshot = catalog->snapshot();
  for (const auto& [name, topic] : snapshot->topics) {
    const auto done = made.find(topic->id);
    const PartitionIndex first = done == made.end() ? 0 : done->second;
    if (first >= topic->partitions) continue;
    auto parsed = effective_topic_config(*current_defaults(), *snapshot, topic->configs);
    if (!parsed) return parsed.error().with_context(fmt::format("topic '{}' in the catalog", name));
    const auto config = std::make_shared<const LogConfig>(*parsed);
    for (PartitionIndex i = first; i < topic->partitions; ++i) out.push_back({topic, i, config});
  }
  return out;
}

LoadOptions LogStore::Impl::load_options(const Candidate& candidate, bool clean, TimestampMs now) {
  LoadOptions load;
  load.id = {candidate.topic->name, candidate.partition};
  load.directory = path(load.id.to_string());
  load.topic_id = candidate.topic->id;
  load.config = candidate.config;
  load.clean = clean;
  load.leader_epoch = candidate.topic->leader_epoch;
  load.segments = segments;
  load.now = now;
  load.persist_log_start = [this](const TopicPartition& id, Offset log_start) {
    return persist_log_start(id, log_start);
  };
  load.on_disk_failure = [this](const Error& error) { fail(error); };
  const auto offset = [&](const PartitionOffsets& offsets) {
    const auto found = offsets.find(load.id);
    return found == offsets.end() ? Offset{0} : found->second;
  };
  load.recovery_point = offset(initial_recovery_points);
  load.log_start = offset(initial_log_starts);
  load.cleaned_offset = offset(initial_cleaned_offsets);
  return load;
}

/// A directory of another topic with the same name must not be taken for this one's.
Status LogStore::Impl::check_directory_owner(const Candidate& candidate) {
  const TopicPartition id{candidate.topic->name, candidate.partition};
  const std::string directory = path(id.to_string());
  if (!fs.exists(directory)) return {};
  HOROLOG_ASSIGN(const auto owner, read_partition_metadata(fs, directory));
  if (!owner || *owner == candidate.topic->id) return {};
  return Error(Errc::corrupt,
               fmt::format("{} belongs to topic id {}, the catalog says {}: move it elsewhere",
                           directory, owner->to_string(), candidate.topic->id.to_string()));
}

Status LogStore::Impl::load_one(const Candidate& candidate, bool clean, TimestampMs now) {
  if (Status owner = check_directory_owner(candidate); !owner) {
    return take_loaded(candidate, owner.error());
  }
  return take_loaded(candidate, load_partition_log(fs, load_options(candidate, clean, now)));
}

/// Errc::corrupt quarantines the partition; any other error is the disk's and stops the start.
Status LogStore::Impl::take_loaded(const Candidate& candidate, Result<LoadedLog> loaded) {
  TopicPartition id{candidate.topic->name, candidate.partition};
  if (!loaded && loaded.error().code() != Errc::corrupt) {
    return loaded.error().with_context("partition " + id.to_string());
  }
  const std::unique_lock guard(logs_mutex);
  if (!loaded) {
    log::error(
        "storage", "a damaged partition is not served",
        {log::field("partition", id.to_string()), log::field("reason", loaded.error().message())});
    report.quarantined.push_back(id.to_string() + ": " + loaded.error().message());
    quarantined.emplace(std::move(id), loaded.error().message());
    return {};
  }
  if (loaded->recovered) ++report.recovered_partitions;
  report.recovered_bytes += loaded->recovered_bytes;
  report.cut_bytes += loaded->cut_bytes;
  logs.emplace(std::move(id), std::shared_ptr<PartitionLog>(std::move(loaded->log)));
  return {};
}

Status LogStore::sync_with_catalog(TimestampMs now) {
  HOROLOG_ASSIGN(const auto candidates, impl_->missing_logs());
  for (const auto& candidate : candidates) {
    HOROLOG_TRY(impl_->load_one(candidate, true, now));
  }
  for (const auto& candidate : candidates) {
    impl_->made[candidate.topic->id] = candidate.topic->partitions;
  }
  return {};
}

}  // namespace horolog::storage
