#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/catalog.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/epoch_cache.hpp"
#include "storage/verify.hpp"

/// How a verification is put together: verify.cpp looks at the top of the directory and at the
/// catalog, verify_partition.cpp at the files of a partition, verify_segment.cpp at a log and the
/// indices that belong to it.
namespace horolog::storage {

/// What a partition's files must agree with.
struct PartitionExpectation {
  std::string name;                   ///< of its directory
  std::string place;                  ///< path of the directory
  std::optional<Uuid> topic_id = {};  ///< of the catalog
  bool gaps_allowed = false;          ///< a compacted topic: offsets may be missing
  /// Each batch was synced before the next was written; there need not be indices.
  bool catalog = false;
  bool clean_stop = false;
  Offset recovery_point = 0;
  std::optional<Offset> log_start = {};
  std::optional<Offset> high_watermark = {};
};

/// One segment; what its log holds, for the files that speak about it.
struct SegmentExpectation {
  const PartitionExpectation& partition;
  Offset base = 0;
  Offset next_expected = no_offset;  ///< the end of the segment before; no_offset for the first
  /// The broker was killed before this segment was finished: its indices were only brought to disk
  /// now and then, and a start makes them anew.
  bool unfinished = false;
  const std::vector<EpochCache::Entry>& epochs;
};

/// Walks the log and checks its indices against it. Returns the offset behind the last good batch.
Result<Offset> verify_segment(FileSystem& fs, const SegmentExpectation& expected,
                              VerifyReport& report);

Status verify_partition(FileSystem& fs, const PartitionExpectation& expected, VerifyReport& report);

/// Reads a file for a check that takes the whole of it; counts its bytes.
Result<ByteBuffer> read_for_check(FileSystem& fs, const std::string& path, VerifyReport& report);

}  // namespace horolog::storage
