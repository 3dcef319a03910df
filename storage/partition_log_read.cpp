#include <fmt/format.h>

#include <algorithm>

#include "storage/partition_log_impl.hpp"

namespace horolog::storage {
namespace {

/// The last segment that starts at or below `offset`.
SegmentList::const_iterator segment_of(const SegmentList& segments, Offset offset) {
  const auto after = std::upper_bound(
      segments.begin(), segments.end(), offset,
      [](Offset at, const std::shared_ptr<Segment>& segment) {
        return at < segment->base_offset();
      });
  return after == segments.begin() ? segments.end() : after - 1;
}

}  // namespace

LogPosition PartitionLog::Impl::limit_of(const LogView& seen, Visibility visibility) const {
  const LogPosition& wanted = visibility == Visibility::log_end        ? seen.end
                              : visibility == Visibility::last_stable ? seen.last_stable
                                                                      : seen.high_watermark;
  // After a failed sync the page cache may show what the disk has lost.
  return failed && seen.durable.offset < wanted.offset ? seen.durable : wanted;
}

std::uint64_t PartitionLog::Impl::visible_end(const Segment& segment, const LogPosition& limit) {
  if (segment.base_offset() > limit.segment_base) return 0;
  return segment.base_offset() == limit.segment_base ? limit.position : segment.size();
}

bool PartitionLog::Impl::holds(const Segment& segment) const {
  const LogView now = current_view();
  return std::any_of(now.segments->begin(), now.segments->end(),
                     [&](const auto& held) { return held.get() == &segment; });
}

Result<std::uint64_t> PartitionLog::Impl::locate(Segment& segment, const SegmentFile& file,
                                                 Offset offset, std::uint64_t end_position) const {
  HOROLOG_ASSIGN(std::uint64_t position, segment.position_before(offset));
  HeaderCursor cursor(file, end_position);
  // An index is a hint: when it points past the batch, or not at one, the walk starts at 0.
  if (position != 0) {
    const auto hint = position < end_position ? cursor.at(position)
                                              : Result<BatchFrame>(Error(Errc::corrupt, ""));
    if (!hint || hint->base_offset() > offset || hint->base_offset() < segment.base_offset()) {
      position = 0;
    }
  }
  Offset last = segment.base_offset() - 1;
  while (position < end_position) {
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
    if (frame.base_offset() <= last) {
      return Error(Errc::corrupt, fmt::format("{}: offsets fall at byte {}", file.file().path(),
                                              position));
    }
    if (frame.last_offset() >= offset) return position;
    last = frame.last_offset();
    position = frame.end();
  }
  return position;
}

Result<PartitionLog::Impl::Cut> PartitionLog::Impl::cut_at(Segment& segment,
                                                           const SegmentFile& file,
                                                           std::uint64_t start,
                                                           std::size_t max_bytes,
                                                           std::uint64_t end_position) const {
  const std::uint64_t wanted = start + max_bytes;
  if (wanted >= end_position) return Cut{.position = end_position, .next = {}};
  HeaderCursor cursor(file, end_position);
  HOROLOG_ASSIGN(std::uint64_t position, segment.boundary_before(wanted));
  // A damaged index must not cut a batch in two: the entry is used only if a batch of a plausible
  // offset starts there, else every batch from the start on is looked at.
  if (position > start) {
    const auto hint = cursor.at(position);
    if (!hint || hint->base_offset() < segment.base_offset() ||
        hint->last_offset() >= segment.end_offset()) {
      position = start;
    }
  }
  position = std::max(position, start);
  while (position < end_position) {
    HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
    if (frame.end() > wanted) return Cut{.position = position, .next = frame};
    position = frame.end();
  }
  return Cut{.position = position, .next = {}};
}

Result<ReadInfo> PartitionLog::read(Offset from, std::size_t max_bytes,
                                    Visibility visibility) const {
  if (impl_->deleted) return Error(Errc::closed, id().to_string() + " is deleted");
  const LogView seen = impl_->current_view();
  ReadInfo info;
  info.next_offset = from;
  info.high_watermark = seen.high_watermark.offset;
  info.last_stable_offset = seen.last_stable.offset;
  info.log_start_offset = seen.log_start;
  if (from < seen.log_start || from > seen.end.offset) {
    return Error(Errc::out_of_range,
                 fmt::format("{} holds offsets {} to {}, not {}", id().to_string(), seen.log_start,
                             seen.end.offset, from));
  }
  const LogPosition limit = impl_->limit_of(seen, visibility);
  if (from >= limit.offset) return info;
  auto at = segment_of(*seen.segments, from);
  for (bool first = true; at != seen.segments->end(); ++at, first = false) {
    Segment& segment = **at;
    const std::uint64_t end = Impl::visible_end(segment, limit);
    if (end == 0) {
      if (segment.base_offset() >= limit.segment_base) break;
      continue;
    }
    auto file = segment.open();
    if (!file) {
      // Retention may have taken the segment since the view was copied, or compaction.
      if (!impl_->holds(segment)) return read(from, max_bytes, visibility);
      return std::move(file).error();
    }
    std::uint64_t start = 0;
    if (first) {
      HOROLOG_ASSIGN(start, impl_->locate(segment, **file, from, end));
    }
    HOROLOG_ASSIGN(const Impl::Cut cut, impl_->cut_at(segment, **file, start,
                                                      max_bytes - info.bytes, end));
    std::uint64_t stop = cut.position;
    Offset next = std::min(segment.end_offset(), limit.offset);
    if (cut.next) next = cut.next->base_offset();
    if (cut.next && stop == start && info.bytes == 0) {
      stop = cut.next->end();
      next = cut.next->last_offset() + 1;
    }
    if (stop > start) {
      info.slices.emplace_back(std::move(file).value(), start,
                               static_cast<std::size_t>(stop - start));
      info.bytes += static_cast<std::size_t>(stop - start);
      info.next_offset = next;
    }
    if (stop < end || info.bytes >= max_bytes) break;
  }
  return info;
}

Result<bool> PartitionLog::is_complete_from(Offset from) const {
  const LogView seen = impl_->current_view();
  Offset expected = from;
  for (const auto& segment : *seen.segments) {
    const std::uint64_t end = Impl::visible_end(*segment, seen.end);
    if (segment->end_offset() <= from || end == 0) continue;
    HOROLOG_ASSIGN(const auto file, segment->open());
    HOROLOG_ASSIGN(std::uint64_t position, impl_->locate(*segment, *file, expected, end));
    HeaderCursor cursor(*file, end);
    while (position < end) {
      HOROLOG_ASSIGN(const BatchFrame frame, cursor.at(position));
      const bool whole = frame.header.record_count == frame.header.last_offset_delta + 1;
      if (frame.base_offset() > expected || !whole) return false;
      expected = frame.last_offset() + 1;
      position = frame.end();
    }
  }
  return expected >= seen.end.offset;
}

}  // namespace horolog::storage
