#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.hpp"
#include "storage/partition_log_impl.hpp"
#include "storage/producer_snapshot.hpp"

namespace horolog::storage {
namespace {

/// A partition that nobody writes to gives its prewritten space back after this.
constexpr TimestampMs idle_ms = 60'000;

}  // namespace

std::size_t PartitionLog::Impl::removable_by_config(const LogView& seen, const LogConfig& settings,
                                                    TimestampMs now) const {
  std::uint64_t total = 0;
  for (const auto& segment : *seen.segments) total += segment->size();
  std::size_t count = 0;
  for (const auto& segment : *seen.segments) {
    const bool below_watermark = segment->end_offset() <= seen.high_watermark.offset;
    // Compaction may have emptied one; an active one without batches is where the log goes on.
    const bool unused = segment->size() == 0 && segment == seen.segments->back();
    if (!below_watermark || unused) break;
    const bool superseded = segment->end_offset() <= seen.log_start;
    const bool old = settings.cleanup_delete && settings.retention_ms >= 0 &&
                     now - segment->last_append_ms() > settings.retention_ms;
    const bool excess =
        settings.cleanup_delete && settings.retention_bytes >= 0 &&
        total - segment->size() >= static_cast<std::uint64_t>(settings.retention_bytes);
    if (!superseded && !old && !excess) break;
    total -= segment->size();
    ++count;
  }
  return count;
}

Result<std::size_t> PartitionLog::apply_retention(TimestampMs now) {
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  if (impl_->failed || impl_->deleted || impl_->closed) return std::size_t{0};
  const auto settings = impl_->current_config();
  const LogView seen = impl_->current_view();
  impl_->trim_when_idle(seen, now);
  return impl_->remove_segments(impl_->removable_by_config(seen, *settings, now), seen.log_start,
                                now);
}

void PartitionLog::Impl::trim_when_idle(const LogView& seen, TimestampMs now) {
  if (seen.segments->empty() || current_config()->preallocate) return;
  const std::lock_guard lock(append_mutex);
  const Segment& active = *writer->segment();
  if (now - active.last_append_ms() < idle_ms || writer->file_size() == active.size()) return;
  // A failure leaves the space where it is, which harms nobody.
  static_cast<void>(writer->trim(active.size()).ok());
}

Result<std::size_t> PartitionLog::Impl::remove_segments(std::size_t count, Offset new_log_start,
                                                        TimestampMs now) {
  if (count == 0) return count;
  SegmentList gone;
  std::optional<ProducerState> orphans;
  Offset first = 0;
  {
    const std::lock_guard lock(append_mutex);
    const LogView seen = current_view();
    // Appends may have gone on meanwhile: then the last one has become a segment to keep.
    while (count > 0 && (*seen.segments)[count - 1]->end_offset() > seen.high_watermark.offset) {
      --count;
    }
    if (count == 0) return count;
    if (count == seen.segments->size()) {
      HOROLOG_TRY(roll(static_cast<std::uint64_t>(current_config()->segment_bytes)));
    }
    const LogView rolled = current_view();
    const auto kept = rolled.segments->begin() + static_cast<std::ptrdiff_t>(count);
    gone.assign(rolled.segments->begin(), kept);
    for (const auto& segment : gone) {
      sealed_bytes -= segment->size();
      std::erase(unsynced, segment);
      const auto sealed = std::find_if(unfinished.begin(), unfinished.end(), [&](const auto& s) {
        return s.segment == segment;
      });
      if (sealed == unfinished.end()) continue;
      orphans = std::move(sealed->producers);
      unfinished.erase(sealed);
    }
    auto list = std::make_shared<SegmentList>(kept, rolled.segments->end());
    first = std::max(new_log_start, list->front()->base_offset());
    const std::lock_guard publish(publish_mutex);
    view.segments = std::move(list);
    view.log_start = std::max(view.log_start, first);
    log_start = view.log_start;
    update_last_stable();
  }
  epochs.truncate_front(first);
  if (orphans) keep_producers(*orphans, gone.back()->end_offset());
  DeletedFiles files{.paths = {}, .since = now};
  for (const auto& segment : gone) {
    HOROLOG_ASSIGN(const auto names, segment->rename_deleted());
    files.paths.insert(files.paths.end(), names.begin(), names.end());
  }
  deleted_files.push_back(std::move(files));
  HOROLOG_TRY(fs->sync_directory(directory));
  return count;
}

/// Of segments that were never finished, nothing but their batches says what the producers did.
void PartitionLog::Impl::keep_producers(const ProducerState& state, Offset as_of) {
  const Status kept =
      write_producer_files(*fs, directory, as_of, state, {.segment_base = as_of});
  // A full disk must not stop what makes room on it.
  if (kept) return;
  log::warn("storage", "after a crash now, producers of deleted batches would be unknown",
            {log::field("directory", directory), log::field("reason", kept.error().message())});
}

Status PartitionLog::purge_deleted(TimestampMs now) {
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  if (impl_->deleted) return {};
  const std::int64_t delay = impl_->current_config()->file_delete_delay_ms;
  auto& waiting = impl_->deleted_files;
  while (!waiting.empty() && now - waiting.front().since >= delay) {
    for (const std::string& path : waiting.front().paths) {
      if (impl_->fs->exists(path)) HOROLOG_TRY(impl_->fs->remove(path));
    }
    waiting.erase(waiting.begin());
  }
  return {};
}

Result<Offset> PartitionLog::delete_records(Offset offset, TimestampMs now) {
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  // With durability `os` the high watermark may be ahead of the disk; a log start must never be.
  HOROLOG_TRY(commit());
  const LogView seen = impl_->current_view();
  const Offset target = offset == -1 ? seen.durable.offset : offset;
  if (target < 0 || target > seen.high_watermark.offset) {
    return Error(Errc::out_of_range,
                 fmt::format("{}: records can be deleted up to the high watermark {}, not {}",
                             id().to_string(), seen.high_watermark.offset, offset));
  }
  if (target <= seen.log_start) return seen.log_start;
  if (impl_->persist_log_start) HOROLOG_TRY(impl_->persist_log_start(id(), target));
  {
    const std::lock_guard publish(impl_->publish_mutex);
    impl_->view.log_start = target;
    impl_->log_start = target;
    impl_->update_last_stable();
  }
  const LogView raised = impl_->current_view();
  std::size_t count = 0;
  for (const auto& segment : *raised.segments) {
    const bool unused = segment->size() == 0 && segment == raised.segments->back();
    if (unused || segment->end_offset() > target) break;
    ++count;
  }
  HOROLOG_ASSIGN([[maybe_unused]] const std::size_t removed,
                 impl_->remove_segments(count, target, now));
  impl_->epochs.truncate_front(target);
  return target;
}

}  // namespace horolog::storage
