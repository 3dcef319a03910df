#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/assert.hpp"
#include "storage/control_batch.hpp"
#include "storage/partition_log_impl.hpp"
#include "storage/posix_error.hpp"

namespace horolog::storage {
namespace {

/// The bytes before magic: base offset, length, leader epoch. Outside the CRC.
constexpr std::size_t patched_bytes = record::layout::magic;

Result<std::vector<BatchFrame>> frames_of(ByteView batches) {
  std::vector<BatchFrame> frames;
  frames.reserve(1);
  record::BatchIterator it(batches);
  while (it.next()) {
    frames.push_back({.header = it.batch().header(),
                      .position = it.position(),
                      .size = it.batch().size()});
  }
  if (frames.empty() || it.end_position() != batches.size()) {
    return Error(Errc::invalid_argument, "what is to be appended is not a whole number of batches");
  }
  return frames;
}

std::int64_t records_spanned(std::span<const BatchFrame> frames) {
  std::int64_t count = 0;
  for (const BatchFrame& frame : frames) count += frame.header.last_offset_delta + 1;
  return count;
}

/// Spreads rolls by time, so that partitions filled alike do not roll alike.
std::int64_t jitter_of(const Segment& segment, const LogConfig& config) {
  if (config.segment_jitter_ms <= 0) return 0;
  const auto mixed = static_cast<std::uint64_t>(segment.base_offset() + 1) * 0x9E3779B97F4A7C15ULL;
  const auto most = static_cast<std::uint64_t>(std::min(config.segment_jitter_ms,
                                                        config.segment_ms));
  return most == 0 ? 0 : static_cast<std::int64_t>((mixed >> 16) % most);
}

}  // namespace

Result<AppendInfo> PartitionLog::append(ByteView batches, Origin origin, TimestampMs now,
                                        std::optional<VerificationToken> token) {
  HOROLOG_ASSIGN(const auto frames, frames_of(batches));
  const std::lock_guard lock(impl_->append_mutex);
  return impl_->append_locked(frames, batches, origin, now, token);
}

Result<AppendInfo> PartitionLog::append_marker(const TransactionMarker& marker, TimestampMs now) {
  const ByteBuffer batch = record::build_end_transaction(
      {.commit = marker.commit, .coordinator_epoch = marker.coordinator_epoch}, marker.producer_id,
      marker.producer_epoch, now);
  HOROLOG_ASSIGN(const auto frames, frames_of(batch));
  const std::lock_guard lock(impl_->append_mutex);
  AppendInfo refused;
  refused.log_start_offset = impl_->log_start;
  refused.error = impl_->producers.check_marker(
      {.producer_id = marker.producer_id,
       .producer_epoch = marker.producer_epoch,
       .coordinator_epoch = marker.coordinator_epoch,
       .transaction_version = marker.transaction_version});
  if (refused.error != wire::ErrorCode::none) return refused;
  return impl_->append_locked(frames, batch, Origin::coordinator, now, {});
}

Result<AppendInfo> PartitionLog::Impl::append_locked(
    std::span<const BatchFrame> frames, ByteView batches, Origin origin, TimestampMs now,
    const std::optional<VerificationToken>& token) {
  HOROLOG_TRY(usable());
  const std::shared_ptr<const LogConfig> settings = current_config();
  const bool stamp = settings->timestamp_type == TimestampType::log_append_time;
  AppendInfo info;
  info.log_start_offset = log_start;
  HOROLOG_ASSIGN(const ProducerState::Verdict verdict, admit(frames, batches, origin, token));
  info.error = verdict.error;
  if (info.error != wire::ErrorCode::none) return info;
  if (verdict.duplicate) {
    info.duplicate = true;
    info.base_offset = verdict.duplicate->first_offset();
    info.last_offset = verdict.duplicate->last_offset;
    info.append_time = verdict.duplicate->timestamp;
    return info;
  }
  if (batches.size() > static_cast<std::uint64_t>(settings->segment_bytes)) {
    return Error(Errc::too_large, fmt::format("{} bytes for {} are more than segment.bytes ({})",
                                              batches.size(), id.to_string(),
                                              settings->segment_bytes));
  }
  const Offset base = end;
  Status written = make_room(frames, batches.size(), *settings);
  if (written) {
    written = write(frames, batches, base, *settings, now);
    if (!written && writer->broken()) fail(written.error());
  }
  if (!written) {
    // Without a batch to sync, no sync would ever find out.
    if (is_disk_failure(written.error())) report_failure(written.error());
    return written.error();
  }
  const Offset next = base + records_spanned(frames);
  const auto changes = note_appended(frames, batches, base, stamp, now);
  writer->segment()->set_last_append_ms(now);
  publish_append(next, batches.size(), settings->durability == Durability::os, changes);
  info.base_offset = base;
  info.last_offset = next - 1;
  if (stamp) info.append_time = now;
  info.wants_prepare = writer->wants_prepare(writer->segment()->size(), *settings);
  return info;
}

/// Tells the indices and the producer state about what was written at the segment's end.
std::vector<PositionedChange> PartitionLog::Impl::note_appended(std::span<const BatchFrame> frames,
                                                                ByteView batches, Offset base,
                                                                bool stamp, TimestampMs now) {
  std::vector<PositionedChange> changes;
  Segment& segment = *writer->segment();
  std::uint64_t position = segment.size();
  for (BatchFrame frame : frames) {
    std::optional<record::EndTransactionMarker> marker;
    if (is_control(frame)) {
      // admit() has seen that it decodes.
      marker = marker_in(frame, batches).value();
    }
    frame.header.base_offset = base;
    if (stamp) frame.header.max_timestamp = now;
    frame.position = position;
    segment.note_batch(frame);
    TransactionChange change = producers.record(frame.header, marker, now);
    if (is_transactional(frame)) verification.forget(frame.header.producer_id);
    if (change.aborted) segment.note_aborted(*change.aborted);
    if (change.kind != TransactionChange::Kind::none) {
      changes.push_back({.change = std::move(change),
                         .at = {.offset = base,
                                .segment_base = segment.base_offset(),
                                .position = position}});
    }
    position += frame.size;
    base = frame.last_offset() + 1;
  }
  return changes;
}

bool PartitionLog::Impl::must_roll(std::span<const BatchFrame> frames, std::size_t size,
                                   const LogConfig& settings) const {
  const Segment& active = *writer->segment();
  const std::uint64_t used = active.size();
  if (used == 0) return size > active.capacity();
  const std::uint64_t limit =
      std::min(active.capacity(), static_cast<std::uint64_t>(settings.segment_bytes));
  if (used + size > limit) return true;
  const TimestampMs first = active.first_timestamp();
  const TimestampMs newest = frames.front().header.max_timestamp;
  // What is being appended to is not compacted, so it must not grow older than that allows.
  const std::int64_t segment_ms =
      settings.cleanup_compact ? std::min(settings.segment_ms, settings.max_compaction_lag_ms)
                               : settings.segment_ms;
  if (first != no_timestamp && newest != no_timestamp &&
      newest - first > segment_ms - jitter_of(active, settings)) {
    return true;
  }
  if (active.index_full(settings.segment_index_bytes)) return true;
  return end + records_spanned(frames) - 1 - active.base_offset() >
         std::numeric_limits<std::int32_t>::max();
}

Status PartitionLog::Impl::make_room(std::span<const BatchFrame> frames, std::size_t size,
                                     const LogConfig& settings) {
  if (writer && !must_roll(frames, size, settings)) return {};
  if (!directory_made) HOROLOG_TRY(make_directory());
  return roll(static_cast<std::uint64_t>(settings.segment_bytes));
}

Status PartitionLog::Impl::make_directory() {
  HOROLOG_TRY(fs->make_directories(directory));
  directory_made = true;
  return {};
}

Status PartitionLog::Impl::roll(std::uint64_t map_bytes) {
  LogView next = current_view();
  auto list = std::make_shared<SegmentList>(*next.segments);
  const Offset base = next.end.offset;
  if (writer && writer->segment()->base_offset() == base) {
    // An empty segment stands where the new one would: it is too small, and takes the name away.
    HOROLOG_ASSERT(writer->segment()->size() == 0);
    HOROLOG_TRY(fs->remove(writer->segment()->path(".log")));
    list->pop_back();
    writer.reset();
  }
  auto segment = std::make_shared<Segment>(place(), base, map_bytes);
  HOROLOG_TRY(segment->open(true));
  segment->publish(0, base);
  if (writer) {
    sealed_bytes += writer->segment()->size();
    unfinished.push_back({.segment = writer->segment(), .writer = writer, .producers = producers});
  }
  list->push_back(segment);
  writer = std::make_shared<SegmentWriter>(segment, 0);
  names_unsynced = true;
  const std::lock_guard lock(publish_mutex);
  view.segments = std::move(list);
  view.end = {.offset = base, .segment_base = base, .position = 0};
  return {};
}

Status PartitionLog::Impl::write(std::span<const BatchFrame> frames, ByteView batches, Offset base,
                                 const LogConfig& settings, TimestampMs now) {
  const std::uint64_t position = writer->segment()->size();
  const bool stamp = settings.timestamp_type == TimestampType::log_append_time;
  if (frames.size() == 1 && !stamp) {
    std::array<std::byte, patched_bytes> head;
    std::copy_n(batches.begin(), patched_bytes, head.begin());
    store_be(head.data() + record::layout::base_offset, base);
    store_be(head.data() + record::layout::leader_epoch, leader_epoch.load());
    const std::array<ByteView, 2> parts{ByteView(head), batches.subspan(patched_bytes)};
    return writer->write(parts, batches.size(), position, settings.durability, now);
  }
  scratch.assign(batches.begin(), batches.end());
  Offset next = base;
  for (const BatchFrame& frame : frames) {
    const MutableBytes batch = MutableBytes(scratch).subspan(frame.position, frame.size);
    record::set_base_offset(batch, next);
    record::set_leader_epoch(batch, leader_epoch);
    if (stamp) record::set_append_time(batch, now);
    next += frame.header.last_offset_delta + 1;
  }
  const std::array<ByteView, 1> parts{ByteView(scratch)};
  return writer->write(parts, batches.size(), position, settings.durability, now);
}

void PartitionLog::Impl::publish_append(Offset next, std::size_t size,
                                        bool high_watermark_follows,
                                        std::span<const PositionedChange> changes) {
  const std::shared_ptr<Segment>& segment = writer->segment();
  if (unsynced.empty() || unsynced.back() != segment) unsynced.push_back(segment);
  changed = true;
  bytes_since_snapshot += size;
  dirty_bytes += size;
  const std::uint64_t position = segment->size() + size;
  segment->publish(position, next);
  const std::lock_guard lock(publish_mutex);
  view.end = {.offset = next, .segment_base = segment->base_offset(), .position = position};
  end.store(next, std::memory_order_release);
  if (high_watermark_follows) {
    view.high_watermark = view.end;
    high_watermark.store(next, std::memory_order_release);
  }
  for (const auto& [change, at] : changes) {
    if (change.kind == TransactionChange::Kind::begun) {
      unstable.begin(at);
    } else {
      unstable.end(change.first_offset, at.offset);
    }
  }
  if (high_watermark_follows || !changes.empty()) update_last_stable();
}

Status PartitionLog::prepare() {
  std::shared_ptr<SegmentWriter> writer;
  {
    const std::lock_guard lock(impl_->append_mutex);
    HOROLOG_TRY(impl_->usable());
    writer = impl_->writer;
    // A clean stop has to take the prepared space off again.
    impl_->changed = true;
  }
  if (!writer) return {};
  const Status prepared = writer->prepare(*impl_->current_config());
  if (!prepared && writer->broken()) impl_->fail(prepared.error());
  return prepared;
}

}  // namespace horolog::storage
