#pragma once

#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "storage/coordinator_snapshot.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/partition_log.hpp"

namespace horolog::broker {

/// How far a coordinator was rebuilt.
struct LoadedLog {
  Offset snapshot_offset = 0;  ///< 0 = there was none
  Offset end = 0;
  std::size_t replayed = 0;  ///< records read from the log
};

/// What a coordinator that is being rebuilt is told, in the order of the log.
struct Replay {
  /// No value = tombstone. `transaction` is the producer whose transaction the record belongs to,
  /// or no_producer_id.
  std::function<Status(ByteView key, std::optional<ByteView> value, ProducerId transaction)> record;
  /// The producer's transaction ends here.
  std::function<Status(ProducerId transaction, bool commit)> marker;
};

/// Rebuilds a coordinator from its partition: the snapshot, then the log from there. Blocks: on the
/// pool. Errc::corrupt when a record below the log end does not decode: serving without it would
/// give out wrong answers.
Result<LoadedLog> load_coordinator(storage::FileSystem& fs, const storage::PartitionLog& log,
                                   const storage::SnapshotFile& file, const Replay& replay);

}  // namespace horolog::broker
