#include "storage/log_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "storage/clean_shutdown.hpp"
#include "storage/disk_room.hpp"
#include "storage/log_store_impl.hpp"
#include "storage/parallel_for.hpp"

namespace horolog::storage {
namespace {

/// From here on one sync of the file system is cheaper than one per log.
constexpr std::ptrdiff_t many_logs = 64;

}  // namespace

LogStore::LogStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogStore::~LogStore() = default;

Catalog& LogStore::catalog() { return *impl_->catalog; }
const LoadReport& LogStore::report() const { return impl_->report; }
const StoreOptions& LogStore::options() const { return impl_->options; }

std::shared_ptr<PartitionLog> LogStore::find(const TopicPartition& id) const {
  const std::shared_lock guard(impl_->logs_mutex);
  const auto found = impl_->logs.find(id);
  return found == impl_->logs.end() ? nullptr : found->second;
}

std::optional<std::string> LogStore::quarantine_reason(const TopicPartition& id) const {
  const std::shared_lock guard(impl_->logs_mutex);
  const auto found = impl_->quarantined.find(id);
  if (found == impl_->quarantined.end()) return std::nullopt;
  return found->second;
}

std::vector<std::shared_ptr<PartitionLog>> LogStore::Impl::all_logs() const {
  const std::shared_lock guard(logs_mutex);
  std::vector<std::shared_ptr<PartitionLog>> out;
  out.reserve(logs.size());
  for (const auto& [id, log] : logs) out.push_back(log);
  return out;
}

std::vector<std::shared_ptr<PartitionLog>> LogStore::logs() const { return impl_->all_logs(); }

Status LogStore::drop_logs(const TopicInfo& topic) {
  Status result;
  bool renamed = false;
  for (PartitionIndex i = 0; i < topic.partitions; ++i) {
    const TopicPartition id{topic.name, i};
    std::shared_ptr<PartitionLog> log;
    {
      const std::unique_lock guard(impl_->logs_mutex);
      if (auto node = impl_->logs.extract(id)) log = std::move(node.mapped());
      impl_->quarantined.erase(id);
      impl_->initial_recovery_points.erase(id);
      impl_->initial_log_starts.erase(id);
      impl_->initial_cleaned_offsets.erase(id);
    }
    if (log) log->mark_deleted();
    const std::string directory = impl_->path(id.to_string());
    if (!impl_->fs.exists(directory)) continue;
    std::string target = impl_->path(deleted_directory_name(id, Uuid::random()));
    if (Status moved = impl_->fs.rename(directory, target); !moved) {
      result = moved;
      continue;
    }
    renamed = true;
    const std::lock_guard guard(impl_->deleted_mutex);
    impl_->deleted.push_back({std::move(target), log});
  }
  impl_->made.erase(topic.id);
  if (!renamed) return result;
  HOROLOG_TRY(impl_->fs.sync_directory(impl_->options.directory));
  // A topic of the same name must not find the offsets of this one after a crash.
  HOROLOG_TRY(impl_->write_checkpoints(true));
  return result;
}

Status LogStore::purge_deleted(TimestampMs now) {
  Status result;
  std::vector<Impl::Deleted> ready;
  {
    const std::lock_guard guard(impl_->deleted_mutex);
    // A log that somebody still holds may be serving a fetch: its turn comes later.
    const auto first_ready = std::partition(impl_->deleted.begin(), impl_->deleted.end(),
                                            [](const auto& item) { return !item.log.expired(); });
    ready.assign(std::make_move_iterator(first_ready),
                 std::make_move_iterator(impl_->deleted.end()));
    impl_->deleted.erase(first_ready, impl_->deleted.end());
  }
  for (Impl::Deleted& item : ready) {
    if (Status removed = impl_->fs.remove_directory(item.path); !removed) {
      result = removed;
      const std::lock_guard guard(impl_->deleted_mutex);
      impl_->deleted.push_back(std::move(item));
    }
  }
  for (const auto& log : impl_->all_logs()) {
    if (Status purged = log->purge_deleted(now); !purged) {
      if (purged.error().code() != Errc::closed) result = purged;
    }
  }
  return result;
}

std::shared_ptr<const LogConfig> LogStore::Impl::current_defaults() const {
  const std::lock_guard guard(state_mutex);
  return defaults;
}

std::shared_ptr<const LogConfig> LogStore::defaults() const { return impl_->current_defaults(); }

void LogStore::set_defaults(std::shared_ptr<const LogConfig> defaults) {
  const std::lock_guard guard(impl_->state_mutex);
  impl_->defaults = std::move(defaults);
}

void LogStore::set_disk_low_bytes(std::uint64_t bytes) {
  const std::lock_guard guard(impl_->state_mutex);
  impl_->disk_low_bytes = bytes;
}

bool LogStore::refresh_disk_space() {
  const auto space = impl_->fs.space(impl_->options.directory);
  if (!space) {
    log::warn("storage", "cannot tell the free disk space",
              {log::field("error", space.error().message())});
    return disk_has_room();
  }
  const std::lock_guard guard(impl_->state_mutex);
  impl_->space = *space;
  const bool had_room = impl_->has_room.load(std::memory_order_relaxed);
  const bool has_room =
      storage::disk_has_room(space->free_bytes, impl_->disk_low_bytes, had_room);
  impl_->has_room.store(has_room, std::memory_order_relaxed);
  return has_room;
}

bool LogStore::disk_has_room() const { return impl_->has_room.load(std::memory_order_relaxed); }

DiskSpace LogStore::disk_space() const {
  const std::lock_guard guard(impl_->state_mutex);
  return impl_->space;
}

void LogStore::Impl::fail(const Error& error) {
  const std::lock_guard guard(state_mutex);
  if (failure) return;
  failure = error.message();
  log::error("storage", "the data directory is offline until a restart",
             {log::field("error", error.message())});
}

void LogStore::fail(const Error& error) { impl_->fail(error); }

std::optional<std::string> LogStore::failure() const {
  const std::lock_guard guard(impl_->state_mutex);
  return impl_->failure;
}

Status LogStore::close(TimestampMs now, Executor* parallel) {
  if (std::exchange(impl_->closed, true)) return {};
  if (auto reason = failure()) return Error(Errc::io, *reason);
  const auto logs = impl_->all_logs();
  const auto dirty =
      std::count_if(logs.begin(), logs.end(), [](const auto& log) { return log->dirty(); });
  if (dirty > many_logs) HOROLOG_TRY(impl_->fs.sync_all(impl_->options.directory));
  std::vector<Status> results(logs.size());
  parallel_for(parallel, logs.size(), [&](std::size_t i) { results[i] = logs[i]->close(); });
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (!results[i]) return results[i].error().with_context("closing " + logs[i]->id().to_string());
  }
  if (Status purged = purge_deleted(now); !purged) {
    log::warn("storage", "cannot unlink deleted logs",
              {log::field("error", purged.error().message())});
  }
  HOROLOG_TRY(impl_->write_checkpoints(true));
  HOROLOG_TRY(impl_->write_kafkas_checkpoints());
  // A clean start would take the damaged files as they are.
  if (!impl_->quarantined.empty()) return {};
  return write_clean_shutdown(impl_->fs, impl_->options.directory,
                              impl_->catalog->snapshot()->broker_epoch);
}

}  // namespace horolog::storage
