#include "timekeeping/segment_search.hpp"

#include <algorithm>

namespace horolog::timekeeping {

std::optional<UnixSecond> SegmentSearch::own(const Segment& segment, UnixSecond after) {
  WallSecond from = std::max(segment.begin, after + 1) + segment.offset;
  WallSecond until = std::min(segment.end, end_second) + segment.offset;
  if (!policies_.real_time) {
    if (policies_.fold == Fold::first && segment.opens_with_fold()) {
      from = std::max(from, segment.begin + segment.offset_before);
    }
    if (policies_.fold == Fold::last && segment.offset_after < segment.offset) {
      until = std::min(until, segment.end + segment.offset_after);
    }
  }
  const auto wall = walls_.first(from, until);
  if (!wall) return std::nullopt;
  return *wall - segment.offset;
}

std::optional<UnixSecond> SegmentSearch::from_gap(const Segment& segment, UnixSecond after) {
  if (policies_.real_time || policies_.gap == Gap::skip || !segment.opens_with_gap()) {
    return std::nullopt;
  }
  const WallSecond lost = segment.begin + segment.offset_before;
  const WallSecond found = segment.begin + segment.offset;
  if (policies_.gap == Gap::shift) {
    const WallSecond from = std::max(lost, after + 1 + segment.offset_before);
    const auto wall = walls_.first(from, found);
    if (!wall) return std::nullopt;
    return *wall - segment.offset_before;
  }
  if (segment.begin <= after) return std::nullopt;
  WallSecond from = lost;
  if (policies_.gap == Gap::robfig) {
    // Only the day that begins inside the gap and goes on after it.
    from = static_cast<WallSecond>(day_of(found)) * day_seconds;
    if (from < lost || from == found) return std::nullopt;
  }
  if (!walls_.first(from, found)) return std::nullopt;
  return segment.begin;
}

std::optional<UnixSecond> SegmentSearch::first(const Segment& segment, UnixSecond after) {
  const auto inside = own(segment, after);
  const auto lost = from_gap(segment, after);
  if (!inside || !lost) return inside ? inside : lost;
  return std::min(*inside, *lost);
}

}  // namespace horolog::timekeeping
