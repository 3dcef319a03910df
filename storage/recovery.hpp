#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/epoch_cache.hpp"
#include "storage/file.hpp"
#include "storage/segment.hpp"

/// What an unclean start does to the segments of one partition. Below the recovery point everything
/// was synced: what contradicts that is damage (Errc::corrupt, nothing is changed, the partition is
/// quarantined). Above it pages may have survived in any order, so the good batches end at the
/// first bad one, and what lies behind is set aside in `<base>.cut-N`, then taken off. Everything
/// kept is synced before it is served. Crashing in the middle and starting again gives the same
/// log.
namespace horolog::storage {

struct RecoveryInput {
  FileSystem* fs = nullptr;
  std::string directory;
  Offset recovery_point = 0;
  std::uint64_t verify_bytes = 0;
  /// The topic is compacted: offsets may have gaps in every segment, also one without its `.sum`.
  bool compacted = false;
};

struct RecoveryOutcome {
  std::uint64_t recovered_bytes = 0;
  std::uint64_t cut_bytes = 0;
  std::uint64_t torn_bytes = 0;
  /// Something was found above the recovery point, or changed: it has been synced, but for the
  /// name of the partition's directory.
  bool touched = false;
  /// Leader epochs seen in the batches that were walked, with their first offsets.
  std::vector<EpochCache::Entry> epochs;
};

/// Recovers `segments` (all of the partition, rising) from index `first` on: their sizes, ends and
/// indices are published; those that lie behind the end are taken out of the list.
Result<RecoveryOutcome> recover_segments(const RecoveryInput& input,
                                         std::vector<std::shared_ptr<Segment>>& segments,
                                         std::size_t first);

/// Opens a segment that is trusted: below the recovery point, or after a clean stop. With
/// `next_base` (of the segment behind it) its `.sum` is enough; without one, or for the last
/// segment (no_offset), the batches after the last index entry are walked. True when it is as
/// finish() left it. Errc::corrupt when its batches do not reach their end; those of a finished
/// segment, or of a topic that is `compacted`, may end before it.
Result<bool> open_trusted(FileSystem& fs, const std::string& directory, Segment& segment,
                          Offset next_base, bool compacted = false);

}  // namespace horolog::storage
