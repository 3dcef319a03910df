#include <fmt/format.h>

#include "base/log.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/log_store_impl.hpp"
#include "storage/parallel_for.hpp"
#include "storage/resource_limits.hpp"

namespace horolog::storage {
namespace {

/// Like make_directories, but what was made survives a power cut.
Status make_durable_directory(FileSystem& fs, const std::string& path) {
  std::vector<std::string> parents;
  std::string parent = path;
  do {
    parent = parent_directory(parent);
    parents.push_back(parent);
  } while (!fs.exists(parent));
  HOROLOG_TRY(fs.make_directories(path));
  for (auto it = parents.rbegin(); it != parents.rend(); ++it) HOROLOG_TRY(fs.sync_directory(*it));
  return {};
}

}  // namespace

LogStore::Impl::Impl(FileSystem& files, StoreOptions store_options)
    : fs(files), options(std::move(store_options)) {
  if (options.defaults == nullptr) options.defaults = std::make_shared<const LogConfig>();
  defaults = options.defaults;
  disk_low_bytes = options.disk_low_bytes;
  segments = std::make_shared<SegmentCache>(
      options.max_open_segments > 0 ? options.max_open_segments : open_segments_limit());
}

Status LogStore::Impl::open_directory() {
  const std::string& directory = options.directory;
  if (!fs.exists(directory)) {
    if (Status created = make_durable_directory(fs, directory); !created) {
      return created.error().with_context("cannot make the data directory " + directory);
    }
  } else if (!fs.is_directory(directory)) {
    return Error(Errc::invalid_argument,
                 fmt::format("the data directory {} is a file: name a directory", directory));
  }
  auto locked = fs.lock(path(lock_name));
  if (!locked) {
    if (locked.error().code() == Errc::busy) {
      return locked.error().with_context(fmt::format("the data directory {} is in use", directory));
    }
    return locked.error().with_context(
        fmt::format("cannot write to the data directory {} (is it another user's, or mounted "
                    "read-only?)",
                    directory));
  }
  lock = std::move(*locked);
  HOROLOG_ASSIGN(content, scan_directory(fs, directory));
  return check_content(content, directory);
}

Status LogStore::Impl::open_meta() {
  const std::string file = path(meta_properties_name);
  if (!content.has_meta) {
    meta.cluster_id = Uuid::random().to_string();
    meta.node_id = options.node_id;
    meta.directory_id = Uuid::random();
    report.created = true;
    return replace_file(fs, file, as_bytes(format_meta_properties(meta)));
  }
  HOROLOG_ASSIGN(const ByteBuffer text, read_whole_file(fs, file));
  HOROLOG_ASSIGN(meta, parse_meta_properties(text, file));
  if (meta.node_id != options.node_id) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} belongs to node.id={}, and this broker is node.id={}: set "
                             "node.id={}, or use another data directory",
                             file, meta.node_id, options.node_id, meta.node_id));
  }
  return {};
}

Status LogStore::Impl::open_catalog(TimestampMs now) {
  HOROLOG_ASSIGN(auto opened, Catalog::Impl::open(fs, options.directory, meta, now));
  catalog_impl = opened.get();
  catalog_impl->on_failure = [this](const Error& error) { fail(error); };
  catalog = std::unique_ptr<Catalog>(new Catalog(std::move(opened)));
  // After a crash the last records of a log may be gone that a consumer has seen: with a new epoch
  // it can tell (OffsetForLeaderEpoch).
  if (!report.clean && content.has_catalog) return catalog->raise_leader_epochs(now);
  return {};
}

Status LogStore::Impl::finish_deletions(const std::vector<TopicPartition>& found) {
  for (const std::string& name : content.deleted) deleted.push_back({path(name), {}});
  bool renamed = false;
  const auto snapshot = catalog->snapshot();
  for (const TopicPartition& id : found) {
    const auto topic = snapshot->find(id.topic);
    const std::string directory = path(id.to_string());
    HOROLOG_ASSIGN(const auto owner, read_partition_metadata(fs, directory));
    if (topic != nullptr && id.partition < topic->partitions && (!owner || *owner == topic->id)) {
      continue;
    }
    if (!owner || !catalog_impl->removed.contains(*owner)) {
      log::warn("storage", "a log that the catalog does not know is left alone",
                {log::field("directory", directory)});
      continue;
    }
    const std::string target = path(deleted_directory_name(id, Uuid::random()));
    HOROLOG_TRY(fs.rename(directory, target));
    deleted.push_back({target, {}});
    renamed = true;
  }
  return renamed ? fs.sync_directory(options.directory) : Status();
}

Status LogStore::Impl::load_logs(Executor* parallel, TimestampMs now) {
  HOROLOG_ASSIGN(initial_recovery_points, read_recovery_points());
  HOROLOG_ASSIGN(initial_log_starts, read_checkpoint(log_starts_name));
  HOROLOG_ASSIGN(initial_cleaned_offsets, read_checkpoint(cleaner_offsets_name));
  // Only written here; read so that an unchanged file is left alone.
  HOROLOG_TRY(read_checkpoint(replication_offsets_name));
  HOROLOG_ASSIGN(const auto candidates, missing_logs());
  logs.reserve(candidates.size());
  std::vector<Status> results(candidates.size());
  parallel_for(parallel, candidates.size(),
               [&](std::size_t i) { results[i] = load_one(candidates[i], report.clean, now); });
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return results[i];
  }
  for (const Candidate& candidate : candidates) {
    made[candidate.topic->id] = candidate.topic->partitions;
  }
  report.partitions = candidates.size();
  const auto served = [this](const auto& line) { return !quarantined.contains(line.first); };
  std::erase_if(initial_recovery_points, served);
  std::erase_if(initial_log_starts, served);
  std::erase_if(initial_cleaned_offsets, served);
  return {};
}

Result<std::unique_ptr<LogStore>> LogStore::open(FileSystem& fs, StoreOptions options,
                                                 Executor* parallel, TimestampMs now) {
  auto impl = std::make_unique<Impl>(fs, std::move(options));
  HOROLOG_TRY(impl->open_directory());
  HOROLOG_TRY(impl->open_meta());
  // Before anything is loaded or changed: a crash from here on is an unclean stop.
  HOROLOG_ASSIGN(impl->report.clean, take_clean_shutdown(fs, impl->options.directory));
  HOROLOG_TRY(impl->open_catalog(now));
  HOROLOG_TRY(impl->finish_deletions(impl->content.partitions));
  HOROLOG_TRY(impl->load_logs(parallel, now));
  std::unique_ptr<LogStore> store(new LogStore(std::move(impl)));
  HOROLOG_TRY(store->write_checkpoints());
  store->refresh_disk_space();
  return store;
}

}  // namespace horolog::storage
