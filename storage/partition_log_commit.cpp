#include <fmt/format.h>

#include <utility>

#include "base/crc32c.hpp"
#include "base/limits.hpp"
#include "storage/log_files.hpp"
#include "storage/partition_log_impl.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/segment_sum.hpp"

namespace horolog::storage {
namespace {

/// How much is appended between two producer snapshots of the active segment: bounds what a
/// recovery has to replay, at the price of a few small syncs.
constexpr std::uint64_t snapshot_interval_bytes = 64 * limits::MiB;
constexpr std::uint64_t index_flush_interval_bytes = 4 * limits::MiB;

std::string partition_metadata(const Uuid& topic_id) {
  return fmt::format("version: 0\ntopic_id: {}", topic_id.to_string());
}

/// What the first `entries` of the segment's transaction index are.
Result<TransactionIndexMark> mark_transactions(Segment& segment, std::size_t entries) {
  HOROLOG_ASSIGN(const ByteBuffer bytes, segment.transaction_bytes(entries));
  return TransactionIndexMark{.segment_base = segment.base_offset(),
                              .bytes = static_cast<std::uint32_t>(bytes.size()),
                              .crc = crc32c(bytes)};
}

}  // namespace

Status PartitionLog::commit() {
  const std::lock_guard lock(impl_->commit_mutex);
  if (impl_->failed) return impl_->failure_error();
  // Its directory has another name by now, and nobody waits for it any more.
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  const Status committed = impl_->commit_under_lock();
  if (!committed) impl_->fail(committed.error());
  return committed;
}

Status PartitionLog::Impl::commit_under_lock() {
  LogPosition target;
  std::vector<std::shared_ptr<Segment>> files;
  std::uint64_t bytes = 0;
  bool names = false;
  bool new_directory = false;
  bool directory_exists = false;
  {
    const std::lock_guard lock(append_mutex);
    directory_exists = directory_made;
    target = current_view().end;
    files.swap(unsynced);
    bytes = dirty_bytes;
    names = std::exchange(names_unsynced, false);
    new_directory = directory_made && !directory_synced;
  }
  for (const std::shared_ptr<Segment>& segment : files) {
    HOROLOG_ASSIGN(const auto file, segment->open());
    HOROLOG_TRY(file->file().sync_data());
  }
  const bool new_epochs = directory_exists && epochs.take_changed();
  if (new_epochs) HOROLOG_TRY(write_epochs());
  if (names || new_directory || new_epochs) HOROLOG_TRY(sync_names(new_directory));
  dirty_bytes -= bytes;
  const std::lock_guard lock(publish_mutex);
  view.durable = target;
  durable.store(target.offset, std::memory_order_release);
  if (view.high_watermark.offset < target.offset) {
    view.high_watermark = target;
    high_watermark.store(target.offset, std::memory_order_release);
    update_last_stable();
  }
  return {};
}

Status PartitionLog::Impl::sync_names(bool directory_is_new) {
  if (directory_is_new) {
    const std::string name = fmt::format("{}/{}", directory, log_files::partition_metadata);
    HOROLOG_TRY(replace_file_unlisted(*fs, name, as_bytes(partition_metadata(topic_id))));
  }
  HOROLOG_TRY(fs->sync_directory(directory));
  if (!directory_is_new) return {};
  HOROLOG_TRY(fs->sync_directory(parent_directory(directory)));
  const std::lock_guard lock(append_mutex);
  directory_synced = true;
  return {};
}

Status PartitionLog::Impl::write_epochs() {
  const std::string name = fmt::format("{}/{}", directory, log_files::epochs);
  return replace_file_unlisted(*fs, name, EpochCache::encode(epochs.entries()));
}

Status PartitionLog::Impl::finish(UnfinishedSegment& sealed) {
  Segment& segment = *sealed.segment;
  HOROLOG_TRY(sealed.writer->seal(segment.size()));
  HOROLOG_ASSIGN(const auto file, segment.open());
  const Status synced = file->file().sync_data();
  if (!synced) {
    fail(synced.error());
    return synced;
  }
  // After the last write to it: this time is what retention goes by after a restart.
  HOROLOG_TRY(file->file().set_modified(segment.last_append_ms()));
  HOROLOG_TRY(segment.seal_indices());
  if (sealed.producers) {
    HOROLOG_ASSIGN(const auto index, mark_transactions(segment, segment.aborted_count()));
    HOROLOG_TRY(write_producer_files(*fs, directory, segment.end_offset(), *sealed.producers,
                                     index));
  }
  HOROLOG_TRY(write_sums(*fs, directory, segment.base_offset()));
  return fs->sync_directory(directory);
}

Status PartitionLog::Impl::finish_segments() {
  std::vector<UnfinishedSegment> todo;
  {
    const std::lock_guard lock(append_mutex);
    todo.swap(unfinished);
  }
  for (std::size_t i = 0; i < todo.size(); ++i) {
    const Status finished = finish(todo[i]);
    if (finished) continue;
    const std::lock_guard lock(append_mutex);
    unfinished.insert(unfinished.begin(), std::make_move_iterator(todo.begin() + i),
                      std::make_move_iterator(todo.end()));
    return finished;
  }
  return {};
}

Status PartitionLog::checkpoint() {
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  if (impl_->failed) return impl_->failure_error();
  if (impl_->deleted || impl_->closed) return {};
  HOROLOG_TRY(impl_->finish_segments());
  std::shared_ptr<Segment> active;
  ProducerState producers;
  Offset snapshot_offset = no_offset;
  std::size_t aborted = 0;
  {
    const std::lock_guard lock(impl_->append_mutex);
    if (!impl_->writer) return {};
    active = impl_->writer->segment();
    if (impl_->bytes_since_snapshot >= snapshot_interval_bytes) {
      producers = impl_->producers;
      snapshot_offset = impl_->end;
      aborted = active->aborted_count();
      impl_->bytes_since_snapshot = 0;
    }
  }
  const std::uint64_t size = active->size();
  if (size < impl_->indexed_bytes || size - impl_->indexed_bytes >= index_flush_interval_bytes) {
    HOROLOG_TRY(active->flush_indices(false));
    impl_->indexed_bytes = size;
  }
  if (snapshot_offset == no_offset) return {};
  // The snapshot says that aborted transactions below it are in the index: so they must be.
  HOROLOG_TRY(active->flush_transactions());
  HOROLOG_ASSIGN(const auto index, mark_transactions(*active, aborted));
  return write_producer_files(*impl_->fs, impl_->directory, snapshot_offset, producers, index);
}

Status PartitionLog::close() {
  const std::lock_guard maintenance(impl_->maintenance_mutex);
  {
    const std::lock_guard lock(impl_->append_mutex);
    if (impl_->closed || impl_->deleted) return {};
    impl_->closed = true;
  }
  if (impl_->failed) return impl_->failure_error();
  HOROLOG_TRY(impl_->finish_segments());
  const std::lock_guard lock(impl_->commit_mutex);
  const Status committed = impl_->commit_under_lock();
  const Status closed = committed ? impl_->close_active() : committed;
  if (!closed) impl_->fail(closed.error());
  return closed;
}

Status PartitionLog::Impl::close_active() {
  if (!writer || !changed) return {};
  Segment& segment = *writer->segment();
  // The batches have just been committed: only the trim, if there is one, is left to sync.
  const bool trims = writer->file_size() > segment.size();
  HOROLOG_TRY(writer->seal(segment.size()));
  HOROLOG_ASSIGN(const auto file, segment.open());
  if (trims) HOROLOG_TRY(file->file().sync_data());
  HOROLOG_TRY(file->file().set_modified(segment.last_append_ms()));
  segment.force_time_entry();
  HOROLOG_TRY(segment.flush_indices(true));
  ProducerState known;
  {
    const std::lock_guard lock(append_mutex);
    known = producers;
  }
  HOROLOG_ASSIGN(const auto index, mark_transactions(segment, segment.aborted_count()));
  HOROLOG_TRY(write_producer_files(*fs, directory, end, known, index));
  // The names of index files need no sync of their own: missing ones are made anew.
  return known.size() > 0 ? fs->sync_directory(directory) : Status();
}

}  // namespace horolog::storage
