#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/compaction_key_map.hpp"

/// cleanup.policy=compact: the last record of each key is kept. A clean reads the dirty part of a
/// log (what was appended since the last one) into a map of keys, writes all segments up to there
/// anew without the records that the map supersedes, and puts the new ones in the place of the old.
/// Offsets never change. PartitionLog::clean() does it; broker/cleaner decides when.
namespace horolog::storage {

/// What a clean of a log would find now.
struct Cleanable {
  Offset from = 0;  ///< records below were compacted before
  Offset to = 0;    ///< where compaction has to stop: the end of a segment
  std::uint64_t clean_bytes = 0;
  std::uint64_t dirty_bytes = 0;
  /// Something dirty is older than max.compaction.lag.ms.
  bool overdue = false;

  double dirty_ratio() const {
    const std::uint64_t all = clean_bytes + dirty_bytes;
    return all == 0 ? 0.0 : static_cast<double>(dirty_bytes) / static_cast<double>(all);
  }
};

struct CleanOptions {
  const KeyHasher* hasher = &KeyHasher::of_process();
  /// Bound of the key map (log.cleaner.dedupe.buffer.size); what does not fit waits for the next
  /// clean. At least one key fits.
  std::size_t map_bytes = 128U << 20;
  double map_load = 0.9;
  /// A new segment may need as much as the old ones it replaces, until those are unlinked: more
  /// than this is not begun (Errc::disk_full).
  std::uint64_t free_bytes = std::numeric_limits<std::uint64_t>::max();
  /// Told of every megabyte or so that was read or written, from the cleaning thread: it may wait
  /// (a throttle), and an error ends the clean with nothing lost.
  std::function<Status(std::uint64_t bytes)> pace;
};

struct CleanOutcome {
  Offset from = 0;
  Offset to = 0;  ///< records below are compacted now
  /// Below Cleanable::to: the map was full, or retention took segments away meanwhile.
  bool complete = false;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_before = 0;  ///< of the segments that were replaced
  std::uint64_t bytes_after = 0;
  std::uint64_t records_read = 0;  ///< while writing anew
  std::uint64_t records_kept = 0;
  std::size_t segments_before = 0;
  std::size_t segments_after = 0;
  std::size_t map_keys = 0;
  std::size_t map_memory_bytes = 0;
};

/// A segment as far as grouping is concerned.
struct SegmentFacts {
  Offset base = 0;
  Offset end = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset_index_bytes = 0;
  std::uint64_t time_index_bytes = 0;
};

struct GroupLimits {
  std::uint64_t segment_bytes = 0;
  std::uint64_t index_bytes = 0;
};

/// Sizes of runs of neighbours that become one segment each: as many as fit, whatever compaction
/// takes out, and no offset further than 2^31 - 1 from the base. Every run has at least one.
std::vector<std::size_t> group_segments(std::span<const SegmentFacts> segments,
                                        const GroupLimits& limits);

}  // namespace horolog::storage
