#include "storage/partition_log_clean.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "record/record.hpp"
#include "storage/batch_reader.hpp"
#include "storage/compaction_swap.hpp"
#include "storage/log_files.hpp"

namespace horolog::storage {
namespace {

/// How much passes between two calls of CleanOptions::pace.
constexpr std::uint64_t pace_bytes = limits::MiB;

/// Of the first batch; read once, for a segment that was taken over from its files.
Result<TimestampMs> first_timestamp(Segment& segment) {
  if (segment.first_timestamp() != no_timestamp || segment.size() == 0) {
    return segment.first_timestamp();
  }
  HOROLOG_ASSIGN(const auto file, segment.open());
  HeaderCursor cursor(*file, segment.size());
  HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(0));
  segment.set_first_timestamp(frame.header.max_timestamp);
  return frame.header.max_timestamp;
}

}  // namespace

Result<Cleanable> PartitionLog::Impl::cleanable(const LogView& seen, const LogConfig& settings,
                                                TimestampMs now) const {
  Cleanable range;
  const Offset cleaned = cleaned_offset;
  // A checkpoint that names what the log does not have is worth nothing.
  range.from = cleaned < seen.log_start || cleaned > seen.end.offset ? seen.log_start : cleaned;
  range.to = range.from;
  const Offset limit = std::min(seen.last_stable.offset, seen.durable.offset);
  for (const auto& segment : *seen.segments) {
    if (segment == seen.segments->back() || segment->end_offset() > limit) break;
    if (segment->end_offset() <= range.from) {
      range.clean_bytes += segment->size();
      continue;
    }
    const std::int64_t lag = settings.min_compaction_lag_ms;
    if (lag > 0 && now - segment->last_append_ms() < lag) break;
    range.to = segment->end_offset();
    range.dirty_bytes += segment->size();
    if (settings.max_compaction_lag_ms == std::numeric_limits<std::int64_t>::max()) continue;
    HOROLOG_ASSIGN(const TimestampMs first, first_timestamp(*segment));
    range.overdue = range.overdue || (first >= 0 && now - first > settings.max_compaction_lag_ms);
  }
  return range;
}

Result<Cleanable> PartitionLog::cleanable(TimestampMs now) const {
  return impl_->cleanable(impl_->current_view(), *impl_->current_config(), now);
}

Offset PartitionLog::cleaned_offset() const { return impl_->cleaned_offset; }

Result<CleanOutcome> PartitionLog::clean(const CleanOptions& options, TimestampMs now) {
  const std::unique_lock cleaning(impl_->cleaning_mutex, std::try_to_lock);
  if (!cleaning) return Error(Errc::busy, id().to_string() + " is being compacted");
  HOROLOG_TRY(impl_->usable());
  // Only finished segments can be replaced.
  HOROLOG_TRY(checkpoint());
  auto outcome = Clean(*impl_, options, now).run();
  // Whatever stopped it when the partition went away, that is the reason.
  if (!outcome) HOROLOG_TRY(impl_->usable());
  return outcome;
}

Status Clean::pace(std::uint64_t bytes) {
  unpaced_ += bytes;
  if (unpaced_ < pace_bytes) return {};
  HOROLOG_TRY(log_.usable());
  const std::uint64_t due = std::exchange(unpaced_, 0);
  return options_.pace ? options_.pace(due) : Status();
}

Status Clean::choose_segments() {
  const LogView seen = log_.current_view();
  HOROLOG_ASSIGN(range_, log_.cleanable(seen, *log_.current_config(), now_));
  const std::lock_guard lock(log_.append_mutex);
  for (const auto& segment : *seen.segments) {
    if (segment->end_offset() > range_.to) break;
    const bool finished =
        std::none_of(log_.unfinished.begin(), log_.unfinished.end(),
                     [&](const auto& sealed) { return sealed.segment == segment; });
    if (!finished) break;
    segments_.push_back(segment);
  }
  const Offset end = segments_.empty() ? range_.from : segments_.back()->end_offset();
  range_.to = std::min(range_.to, std::max(end, range_.from));
  return {};
}

Result<CleanOutcome> Clean::run() {
  HOROLOG_TRY(choose_segments());
  outcome_.from = outcome_.to = mapped_end_ = range_.from;
  outcome_.complete = true;
  if (range_.to <= range_.from) return outcome_;
  const Status done = compact();
  // Retention takes segments from the front; a file that is missing then says nothing.
  const bool lost = replaced_ < segments_.size() && !log_.holds(*segments_[replaced_]);
  if (!done && !lost) return done.error();
  outcome_.complete = done.ok() && mapped_end_ == range_.to;
  if (!done) return outcome_;
  log_.cleaned_offset = mapped_end_;
  outcome_.to = mapped_end_;
  return outcome_;
}

Status Clean::compact() {
  HOROLOG_TRY(find_aborted());
  HOROLOG_TRY(map_keys());
  outcome_.map_keys = keys_.keys();
  outcome_.map_memory_bytes = keys_.memory_bytes();
  return rewrite_all();
}

/// A transaction with data in the range has ended, perhaps with a marker behind it.
Status Clean::find_aborted() {
  const LogView seen = log_.current_view();
  for (const auto& segment : *seen.segments) {
    HOROLOG_ASSIGN(const auto entries, segment->aborted_transactions());
    for (const TransactionIndexEntry& entry : entries) {
      if (entry.first_offset < range_.to) aborted_.push_back(entry);
    }
  }
  return {};
}

Status Clean::map_keys() {
  std::vector<TransactionIndexEntry> aborted = aborted_;
  std::erase_if(aborted, [&](const auto& entry) { return entry.last_offset < range_.from; });
  TransactionTracker transactions(std::move(aborted));
  for (const auto& segment : segments_) {
    if (segment->end_offset() <= range_.from) continue;
    HOROLOG_ASSIGN(const bool all, map_segment(*segment, transactions));
    if (!all) return {};
  }
  return {};
}

Result<bool> Clean::map_segment(Segment& segment, TransactionTracker& transactions) {
  std::uint64_t position = 0;
  if (segment.base_offset() < range_.from) {
    HOROLOG_ASSIGN(position, segment.position_before(range_.from));
  }
  HOROLOG_ASSIGN(auto file, segment.open());
  BatchReader reader(std::move(file), position, segment.size());
  std::vector<TransactionIndexEntry> unused;
  while (true) {
    HOROLOG_ASSIGN(const bool more, reader.next());
    if (!more) break;
    const record::BatchView& batch = reader.batch();
    outcome_.bytes_read += batch.size();
    HOROLOG_TRY(pace(batch.size()));
    HOROLOG_TRY(record::verify_crc(batch));
    if (batch.is_control()) {
      static_cast<void>(transactions.on_marker(batch, unused));
    } else if (!transactions.on_data(batch) && batch.last_offset() >= range_.from) {
      HOROLOG_ASSIGN(const bool fits, map_batch(batch));
      if (!fits) return false;
    }
    mapped_end_ = std::max(mapped_end_, batch.next_offset());
  }
  mapped_end_ = segment.end_offset();
  return true;
}

Result<bool> Clean::map_batch(const record::BatchView& batch) {
  HOROLOG_ASSIGN(auto records, record::RecordReader::open(batch, scratch_));
  while (records.next()) {
    const record::RecordView& record = records.record();
    if (!record.key || record.offset < range_.from) continue;
    if (!keys_.put((*options_.hasher)(*record.key), record.offset)) {
      mapped_end_ = record.offset;
      return false;
    }
  }
  HOROLOG_TRY(records.status());
  return true;
}

LiveProducers Clean::live_producers() const {
  const std::lock_guard lock(log_.append_mutex);
  LiveProducers live;
  for (const auto& [id, entry] : log_.producers.entries()) {
    const ProducerBatch* last = entry.last();
    live[id] = {.epoch = entry.epoch,
                .last_offset = last != nullptr ? last->last_offset : no_offset};
  }
  return live;
}

Status Clean::rewrite_all() {
  const auto settings = log_.current_config();
  rule_ = {.keys = &keys_,
           .hasher = options_.hasher,
           .mapped_end = mapped_end_,
           .round_end = range_.to,
           .now = now_,
           .delete_retention_ms = settings->delete_retention_ms,
           .producers = {}};
  const auto past = std::find_if(segments_.begin(), segments_.end(), [&](const auto& segment) {
    return segment->base_offset() >= mapped_end_;
  });
  segments_.erase(past, segments_.end());
  std::vector<SegmentFacts> facts;
  for (const auto& segment : segments_) {
    HOROLOG_ASSIGN(const Segment::IndexBytes indices, segment->index_bytes());
    facts.push_back({.base = segment->base_offset(),
                     .end = segment->end_offset(),
                     .bytes = segment->size(),
                     .offset_index_bytes = indices.offsets,
                     .time_index_bytes = indices.times});
  }
  const GroupLimits limits{
      .segment_bytes = static_cast<std::uint64_t>(settings->segment_bytes),
      .index_bytes = static_cast<std::uint64_t>(settings->segment_index_bytes)};
  BatchFilter filter(rule_, aborted_);
  std::span<const std::shared_ptr<Segment>> rest(segments_);
  for (const std::size_t count : group_segments(facts, limits)) {
    HOROLOG_TRY(rewrite(rest.first(count), filter));
    rest = rest.subspan(count);
  }
  outcome_.records_read = filter.counters().records_read;
  outcome_.records_kept = filter.counters().records_kept;
  return {};
}

Status Clean::rewrite(std::span<const std::shared_ptr<Segment>> group, BatchFilter& filter) {
  std::uint64_t bytes = 0;
  TimestampMs last_append = 0;
  for (const auto& segment : group) {
    bytes += segment->size();
    last_append = std::max(last_append, segment->last_append_ms());
  }
  if (bytes > options_.free_bytes) {
    return Error(Errc::disk_full,
                 fmt::format("{}: writing {} bytes of segments anew may need as much, {} are free",
                             log_.id.to_string(), bytes, options_.free_bytes));
  }
  rule_.producers = live_producers();
  const Offset base = group.front()->base_offset();
  HOROLOG_TRY(drop_cleaned(*log_.fs, log_.directory, base));
  CleanedSegment out(log_, base);
  Status done = out.create();
  for (std::size_t i = 0; done && i < group.size(); ++i) {
    done = copy_retained(*group[i], filter, out);
  }
  for (const TransactionIndexEntry& entry : filter.take_aborted()) {
    out.segment()->note_aborted(entry);
  }
  if (done) done = out.finish(group.back()->end_offset(), last_append);
  bool published = false;
  if (done) done = swap(group, out.segment(), published);
  if (published) replaced_ += group.size();
  // Once published its files are the log's. Dropping them may fail when the directory has gone; the
  // first reason is told.
  if (!done && !published) static_cast<void>(drop_cleaned(*log_.fs, log_.directory, base).ok());
  HOROLOG_TRY(done);
  outcome_.bytes_before += bytes;
  outcome_.bytes_after += out.segment()->size();
  outcome_.segments_before += group.size();
  ++outcome_.segments_after;
  return {};
}

Status Clean::copy_retained(Segment& segment, BatchFilter& filter, CleanedSegment& out) {
  HOROLOG_ASSIGN(auto file, segment.open());
  BatchReader reader(std::move(file), 0, segment.size());
  while (true) {
    HOROLOG_ASSIGN(const bool more, reader.next());
    if (!more) return {};
    outcome_.bytes_read += reader.batch().size();
    const std::size_t from = out.buffer().size();
    HOROLOG_TRY(filter.filter(reader.batch(), out.buffer()));
    out.take(from);
    HOROLOG_ASSIGN(const std::uint64_t written, out.flush_when_full());
    HOROLOG_TRY(pace(reader.batch().size() + written));
  }
}

}  // namespace horolog::storage
