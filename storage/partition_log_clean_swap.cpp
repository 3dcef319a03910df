#include <algorithm>

#include "base/limits.hpp"
#include "storage/compaction_swap.hpp"
#include "storage/log_files.hpp"
#include "storage/partition_log_clean.hpp"
#include "storage/segment_sum.hpp"

// How a compacted segment is written, and how it takes its place.
namespace horolog::storage {
namespace {

constexpr std::size_t write_bytes = limits::MiB;
/// A sync of all of a segment at its end would keep the disk from the commits of producers.
constexpr std::uint64_t sync_bytes = 16 * limits::MiB;

}  // namespace

CleanedSegment::CleanedSegment(PartitionLog::Impl& log, Offset base)
    : log_(log), segment_(std::make_shared<Segment>(log.place(), base, 0, log_files::cleaned)) {}

Status CleanedSegment::create() {
  HOROLOG_ASSIGN(file_, segment_->open(true));
  return {};
}

void CleanedSegment::take(std::size_t from) {
  if (from == buffer_.size()) return;
  segment_->note_batch({.header = load_batch_header(buffer_.data() + from),
                        .position = written_ + from,
                        .size = buffer_.size() - from});
}

Result<std::uint64_t> CleanedSegment::flush_when_full() {
  if (buffer_.size() < write_bytes) return std::uint64_t{0};
  const std::uint64_t size = buffer_.size();
  HOROLOG_TRY(flush());
  return size;
}

Status CleanedSegment::flush() {
  if (buffer_.empty()) return {};
  HOROLOG_TRY(file_->file().write_at(buffer_, written_));
  written_ += buffer_.size();
  buffer_.clear();
  if (written_ - synced_ < sync_bytes) return {};
  synced_ = written_;
  return file_->file().sync_data();
}

Status CleanedSegment::finish(Offset end, TimestampMs last_append) {
  HOROLOG_TRY(flush());
  HOROLOG_TRY(file_->file().sync_data());
  HOROLOG_TRY(file_->file().set_modified(last_append));
  segment_->set_last_append_ms(last_append);
  segment_->publish(written_, end);
  // Kept in memory until the files have their final names.
  segment_->force_time_entry();
  HOROLOG_TRY(segment_->flush_indices(true));
  HOROLOG_TRY(write_sums(*log_.fs, log_.directory, segment_->base_offset(), log_files::cleaned));
  return log_.fs->sync_directory(log_.directory);
}

Status Clean::swap(std::span<const std::shared_ptr<Segment>> group,
                   const std::shared_ptr<Segment>& cleaned, bool& published) {
  // Retention, DeleteRecords, checkpoints and a clean stop wait, or are seen here.
  const std::lock_guard maintenance(log_.maintenance_mutex);
  HOROLOG_TRY(log_.usable());
  const LogView seen = log_.current_view();
  const auto first = std::find(seen.segments->begin(), seen.segments->end(), group.front());
  const bool still_there = static_cast<std::size_t>(seen.segments->end() - first) > group.size() &&
                           std::equal(group.begin(), group.end(), first);
  if (!still_there) {
    return Error(Errc::cancelled, log_.id.to_string() + ": its segments were removed meanwhile");
  }
  FileSystem& fs = *log_.fs;
  HOROLOG_TRY(begin_swap(fs, log_.directory, *cleaned));
  // A start would finish from here on, so nothing that fails below is undone.
  publish(group, cleaned);
  published = true;
  log_.deleted_files.push_back({.paths = {}, .since = now_});
  for (const auto& segment : group) {
    HOROLOG_ASSIGN(const auto names, segment->rename_deleted());
    auto& paths = log_.deleted_files.back().paths;
    paths.insert(paths.end(), names.begin(), names.end());
  }
  HOROLOG_TRY(fs.sync_directory(log_.directory));
  HOROLOG_TRY(finish_swap(fs, log_.directory, *cleaned));
  cleaned->trust_index_files();
  return {};
}

void Clean::publish(std::span<const std::shared_ptr<Segment>> group,
                    const std::shared_ptr<Segment>& cleaned) {
  // A commit under way publishes the position it started from: it must not be in the group.
  const std::lock_guard commit(log_.commit_mutex);
  const std::lock_guard append(log_.append_mutex);
  const std::lock_guard lock(log_.publish_mutex);
  auto list = std::make_shared<SegmentList>(*log_.view.segments);
  const auto first = std::find(list->begin(), list->end(), group.front());
  const auto behind = list->erase(first, first + static_cast<std::ptrdiff_t>(group.size()));
  // The same offset, but as the start of the segment behind: positions in the group mean nothing
  // any more.
  const Offset next_base = (*behind)->base_offset();
  LogView& view = log_.view;
  for (LogPosition* position : {&view.high_watermark, &view.last_stable, &view.durable}) {
    if (position->segment_base < group.front()->base_offset() ||
        position->segment_base > group.back()->base_offset()) {
      continue;
    }
    position->segment_base = next_base;
    position->position = 0;
  }
  list->insert(behind, cleaned);
  for (const auto& segment : group) {
    log_.sealed_bytes -= segment->size();
    std::erase(log_.unsynced, segment);
  }
  log_.sealed_bytes += cleaned->size();
  log_.view.segments = std::move(list);
}

}  // namespace horolog::storage
