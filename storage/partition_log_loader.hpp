#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/log_config.hpp"
#include "storage/partition_log.hpp"
#include "storage/segment_cache.hpp"

namespace horolog::storage {

struct LoadOptions {
  /// Of the partition; its parent must exist. A directory that is missing or holds no segment is a
  /// partition that was never written: nothing is created before its first append.
  std::string directory;
  TopicPartition id;
  Uuid topic_id;
  std::shared_ptr<const LogConfig> config;
  /// Everything below was synced when this was written down; 0 when nothing is known.
  Offset recovery_point = 0;
  /// The directory was closed cleanly: the files are taken as they are (unless they contradict
  /// themselves; then they are recovered like after a crash).
  bool clean = false;
  /// From log-start-offset-checkpoint.
  Offset log_start = 0;
  /// From cleaner-offset-checkpoint: below, the log has been compacted.
  Offset cleaned_offset = 0;
  /// Stamped on what is appended from now on. On an unclean start the store has raised it.
  LeaderEpoch leader_epoch = 0;
  /// Shared by all logs of a directory.
  std::shared_ptr<SegmentCache> segments;
  /// Makes a new log start durable (log-start-offset-checkpoint) before DeleteRecords answers.
  /// Called without the log's append mutex; must not call back into this log but for its offsets.
  std::function<Status(const TopicPartition& id, Offset log_start)> persist_log_start;
  /// Told when the disk fails under the log, possibly more than once: its directory is not to be
  /// trusted any more. Called from any thread, with locks of the log held: must not call back.
  std::function<void(const Error&)> on_disk_failure;
  /// How much is read below the recovery point, after an unclean stop, to look for damage there.
  std::uint64_t verify_bytes = 16ULL << 20;
  TimestampMs now = 0;
};

struct LoadedLog {
  std::unique_ptr<PartitionLog> log;
  /// The stop was unclean, or the files contradicted each other: batches were walked and checked.
  bool recovered = false;
  std::uint64_t recovered_bytes = 0;  ///< read to check them
  std::uint64_t cut_bytes = 0;        ///< set aside in .cut-N files
  std::uint64_t torn_bytes = 0;       ///< an unfinished last append, dropped
};

/// Opens one partition's log; blocks. `fs` must outlive the log. After an unclean stop walks the
/// batches above the recovery point (see recovery.hpp) and syncs what it found before it is served.
/// Errc::corrupt: damage below the recovery point; nothing was changed, quarantine the partition.
/// Other errors: the disk.
Result<LoadedLog> load_partition_log(FileSystem& fs, LoadOptions options);

}  // namespace horolog::storage
