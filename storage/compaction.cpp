#include "storage/compaction.hpp"

namespace horolog::storage {

std::vector<std::size_t> group_segments(std::span<const SegmentFacts> segments,
                                        const GroupLimits& limits) {
  constexpr Offset relative_max = std::numeric_limits<std::int32_t>::max();
  std::vector<std::size_t> groups;
  SegmentFacts sum;
  for (const SegmentFacts& segment : segments) {
    const bool fits = !groups.empty() && sum.bytes + segment.bytes <= limits.segment_bytes &&
                      sum.offset_index_bytes + segment.offset_index_bytes <= limits.index_bytes &&
                      sum.time_index_bytes + segment.time_index_bytes <= limits.index_bytes &&
                      segment.end - 1 - sum.base <= relative_max;
    if (!fits) {
      groups.push_back(1);
      sum = segment;
      continue;
    }
    ++groups.back();
    sum.bytes += segment.bytes;
    sum.offset_index_bytes += segment.offset_index_bytes;
    sum.time_index_bytes += segment.time_index_bytes;
  }
  return groups;
}

}  // namespace horolog::storage
