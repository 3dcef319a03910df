#include <algorithm>

#include "record/record.hpp"
#include "storage/partition_log_impl.hpp"

namespace horolog::storage {
namespace {

/// The first record of a batch, at or above `from`, with this timestamp or a later one.
Result<TimestampAndOffset> first_record_since(const SegmentFile& file, const BatchFrame& frame,
                                              TimestampMs at, Offset from) {
  ByteBuffer bytes(frame.size);
  HOROLOG_ASSIGN(const std::size_t got, file.file().read_at(bytes, frame.position));
  bytes.resize(got);
  HOROLOG_ASSIGN(const record::BatchView batch, record::parse_batch(bytes));
  ByteBuffer scratch;
  HOROLOG_ASSIGN(auto reader, record::RecordReader::open(batch, scratch));
  while (reader.next()) {
    const record::RecordView& record = reader.record();
    if (record.timestamp < at || record.offset < from) continue;
    return TimestampAndOffset{.timestamp = record.timestamp,
                              .offset = record.offset,
                              .leader_epoch = batch.leader_epoch()};
  }
  HOROLOG_TRY(reader.status());
  return TimestampAndOffset{};
}

}  // namespace

Result<TimestampAndOffset> PartitionLog::Impl::find_record(const LogPosition& limit,
                                                           Segment& segment, TimestampMs at,
                                                           Offset from) const {
  const std::uint64_t end_position = visible_end(segment, limit);
  if (end_position == 0) return TimestampAndOffset{};
  HOROLOG_ASSIGN(const auto file, segment.open());
  HOROLOG_ASSIGN(const Offset start, segment.offset_before(at));
  HOROLOG_ASSIGN(std::uint64_t position,
                 locate(segment, *file, std::max(start, from), end_position));
  HeaderCursor cursor(*file, end_position);
  while (position < end_position) {
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
    if (frame.header.max_timestamp >= at) {
      HOROLOG_ASSIGN(const TimestampAndOffset found, first_record_since(*file, frame, at, from));
      if (found.offset != no_offset) return found;
    }
    position = frame.end();
  }
  return TimestampAndOffset{};
}

Result<TimestampAndOffset> PartitionLog::find_by_time(TimestampMs at,
                                                      Visibility visibility) const {
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  const LogView seen = impl_->current_view();
  const LogPosition limit = impl_->limit_of(seen, visibility);
  for (const std::shared_ptr<Segment>& segment : *seen.segments) {
    if (segment->size() == 0 || segment->end_offset() <= seen.log_start) continue;
    HOROLOG_ASSIGN(const TimeIndexEntry largest, segment->largest_timestamp());
    if (largest.timestamp < at) continue;
    HOROLOG_ASSIGN(const TimestampAndOffset found,
                   impl_->find_record(limit, *segment, at, seen.log_start));
    if (found.offset != no_offset) return found;
  }
  return TimestampAndOffset{};
}

Result<TimestampAndOffset> PartitionLog::find_max_timestamp(Visibility visibility) const {
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  const LogView seen = impl_->current_view();
  const LogPosition limit = impl_->limit_of(seen, visibility);
  TimestampMs best = no_timestamp;
  for (const std::shared_ptr<Segment>& segment : *seen.segments) {
    const std::uint64_t end = Impl::visible_end(*segment, limit);
    if (end == 0) continue;
    HOROLOG_ASSIGN(const TimeIndexEntry largest, segment->largest_timestamp());
    if (largest.timestamp <= best) continue;
    if (largest.offset < limit.offset && largest.offset >= seen.log_start) {
      best = largest.timestamp;
      continue;
    }
    // The largest lies outside what is visible: only a walk tells the largest that is inside.
    HOROLOG_ASSIGN(const auto file, segment->open());
    HeaderCursor cursor(*file, end);
    for (std::uint64_t position = 0; position < end;) {
      HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
      if (frame.last_offset() >= seen.log_start) {
        best = std::max(best, frame.header.max_timestamp);
      }
      position = frame.end();
    }
  }
  if (best == no_timestamp) return TimestampAndOffset{};
  return find_by_time(best, visibility);
}

}  // namespace horolog::storage
