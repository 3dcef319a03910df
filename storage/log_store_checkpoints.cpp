#include <fmt/format.h>

#include "base/log.hpp"
#include "storage/log_store_impl.hpp"

namespace horolog::storage {

Result<PartitionOffsets> LogStore::Impl::read_checkpoint(const char* name) {
  const std::string file = path(name);
  PartitionOffsets offsets;
  if (fs.exists(file)) {
    HOROLOG_ASSIGN(const ByteBuffer text, read_whole_file(fs, file));
    HOROLOG_ASSIGN(offsets, parse_checkpoint(text, file));
  }
  // What the file says already need not be written.
  written[name] = {.text = format_checkpoint(offsets), .synced = true};
  return offsets;
}

/// After a crash the file may be torn: it is written without syncs. Nothing is lost by that.
Result<PartitionOffsets> LogStore::Impl::read_recovery_points() {
  auto points = read_checkpoint(recovery_points_name);
  if (points || report.clean || points.error().code() != Errc::corrupt) return points;
  log::warn("storage", "no recovery points after this crash: every log is checked from its start",
            {log::field("reason", points.error().message())});
  written[recovery_points_name] = {.text = {}, .synced = false};
  return PartitionOffsets{};
}

/// Needs checkpoint_mutex.
Status LogStore::Impl::write_checkpoint(const char* name, const PartitionOffsets& offsets,
                                        bool sync) {
  std::string text = format_checkpoint(offsets);
  Written& last = written[name];
  if (text == last.text && (last.synced || !sync)) return {};
  HOROLOG_TRY(sync ? replace_file(fs, path(name), as_bytes(text))
                   : replace_file_unsynced(fs, path(name), as_bytes(text)));
  last = {.text = std::move(text), .synced = sync};
  return {};
}

PartitionOffsets LogStore::Impl::current_log_starts() const {
  PartitionOffsets out;
  const std::shared_lock guard(logs_mutex);
  for (const auto& [id, log] : logs) {
    if (const Offset start = log->log_start_offset(); start > 0) out.emplace(id, start);
  }
  for (const auto& [id, reason] : quarantined) {
    if (const auto kept = initial_log_starts.find(id); kept != initial_log_starts.end()) {
      out.insert(*kept);
    }
  }
  return out;
}

Status LogStore::Impl::persist_log_start(const TopicPartition& id, Offset log_start) {
  const std::lock_guard guard(checkpoint_mutex);
  PartitionOffsets starts = current_log_starts();
  starts[id] = log_start;
  return write_checkpoint(log_starts_name, starts, true);
}

/// What is recorded was durable before, so that an older file, or none, only makes the next
/// recovery read more: the regular ones go without syncs, which would make commits wait (two
/// commits of the file system's journal a second, seen in the p99 of acknowledgements). Needs
/// checkpoint_mutex.
Status LogStore::Impl::write_recovery_points(bool sync) {
  PartitionOffsets recovery_points;
  PartitionOffsets cleaned;
  {
    const std::shared_lock logs_guard(logs_mutex);
    for (const auto& [id, log] : logs) {
      // A partition that was never written has no files, and no lines.
      if (log->log_end_offset() == 0) continue;
      recovery_points.emplace(id, log->durable_offset());
      if (const Offset offset = log->cleaned_offset(); offset > 0) cleaned.emplace(id, offset);
    }
    for (const auto& [id, reason] : quarantined) {
      const auto kept = initial_recovery_points.find(id);
      if (kept != initial_recovery_points.end()) recovery_points.insert(*kept);
      const auto compacted = initial_cleaned_offsets.find(id);
      if (compacted != initial_cleaned_offsets.end()) cleaned.insert(*compacted);
    }
  }
  HOROLOG_TRY(write_checkpoint(cleaner_offsets_name, cleaned, sync));
  return write_checkpoint(recovery_points_name, recovery_points, sync);
}

Status LogStore::Impl::write_checkpoints(bool sync) {
  const std::lock_guard guard(checkpoint_mutex);
  HOROLOG_TRY(write_recovery_points(sync));
  return write_checkpoint(log_starts_name, current_log_starts(), true);
}

/// What Apache Kafka would read and we do not: high watermarks (here they follow from the logs),
/// and all of its four files, also when they say nothing.
Status LogStore::Impl::write_kafkas_checkpoints() {
  const std::lock_guard guard(checkpoint_mutex);
  PartitionOffsets high_watermarks;
  for (const auto& log : all_logs()) {
    if (log->log_end_offset() > 0) high_watermarks.emplace(log->id(), log->high_watermark());
  }
  HOROLOG_TRY(write_checkpoint(replication_offsets_name, high_watermarks, true));
  for (const char* name :
       {recovery_points_name, replication_offsets_name, log_starts_name, cleaner_offsets_name}) {
    if (fs.exists(path(name))) continue;
    HOROLOG_TRY(replace_file(fs, path(name), as_bytes(format_checkpoint({}))));
  }
  return {};
}

Status LogStore::write_checkpoints() {
  if (auto reason = failure()) return Error(Errc::io, *reason);
  // First what bounds the next recovery: sealed segments are finished, indices and snapshots kept.
  for (const auto& log : logs()) HOROLOG_TRY(log->checkpoint());
  return impl_->write_checkpoints(false);
}

}  // namespace horolog::storage
