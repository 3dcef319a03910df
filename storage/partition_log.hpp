#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "protocol/error_code.hpp"
#include "record/batch.hpp"
#include "storage/file.hpp"
#include "storage/log_config.hpp"
#include "storage/slice.hpp"

namespace horolog::storage {

/// Who appends: decides which rules hold.
enum class Origin : std::uint8_t {
  client,       ///< idempotence and fencing are checked
  coordinator,  ///< internal topics and the catalog: bytes are ours
};

struct AppendInfo {
  wire::ErrorCode error = wire::ErrorCode::none;  ///< protocol outcome, e.g. out_of_order_sequence
  Offset base_offset = no_offset;
  Offset last_offset = no_offset;
  /// no_timestamp with create_time, else the time that was stamped.
  TimestampMs append_time = no_timestamp;
  Offset log_start_offset = 0;
  /// The batch had been appended before (idempotent retry); the offsets are the original ones.
  /// The rule for replies holds for it too: not before it is durable.
  bool duplicate = false;
  /// The prepared space runs low: call prepare() from the blocking pool.
  bool wants_prepare = false;
};

/// How far a reader may see.
enum class Visibility : std::uint8_t { high_watermark, log_end };

struct ReadInfo {
  /// Adjacent ranges, at most one per segment, whole batches. The first batch may start before the
  /// requested offset (readers skip). Empty when the offset is at the limit.
  std::vector<Slice> slices;
  std::size_t bytes = 0;
  Offset high_watermark = 0;
  Offset log_start_offset = 0;
};

struct TimestampAndOffset {
  TimestampMs timestamp = no_timestamp;
  Offset offset = no_offset;
  LeaderEpoch leader_epoch = -1;
};

struct EpochEnd {
  LeaderEpoch epoch = -1;
  Offset end_offset = no_offset;
};

/// One partition's log: segments, indices, producer state, epochs. Synchronous; knows no threads,
/// no Asio, no clock (the time is passed in).
///
/// Threads: append() from one thread at a time or several (it holds a short mutex). Readers never
/// take that mutex: the log end and high watermark are release-stored, the segment list is a
/// snapshot. prepare(), commit, retention and deletion run on the blocking pool beside both.
///
/// Offsets: log_start ≤ high_watermark ≤ log_end. With Durability::commit the high watermark is
/// the durable end (what a power cut cannot take back), with Durability::os it is the log end.
class PartitionLog {
 public:
  struct Impl;  // segments and indices; see partition_log.cpp
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  const TopicPartition& id() const;
  const Uuid& topic_id() const;
  const std::string& directory() const;

  /// Appends batches that have been validated (record::validate_produced) and whose CRC is good.
  /// The bytes are copied verbatim but for base offset and leader epoch (and the append time with
  /// log_append_time). Several batches (coordinator) are appended as one or not at all.
  /// Errors: Errc::disk_full (retriable, nothing was written), Errc::closed (deleted),
  /// Errc::too_large (above segment.bytes).
  Result<AppendInfo> append(ByteView batches, Origin origin, TimestampMs now);

  /// At least one batch when there is one below the limit, else at most max_bytes.
  /// Errc::out_of_range when `from` is below the log start or above the log end. Between the high
  /// watermark and the log end a read gives nothing.
  Result<ReadInfo> read(Offset from, std::size_t max_bytes, Visibility visibility) const;

  Offset log_start_offset() const;
  Offset high_watermark() const;
  Offset log_end_offset() const;
  /// Everything below is on disk.
  Offset durable_offset() const;
  std::uint64_t size_bytes() const;
  std::size_t segment_count() const;

  /// First record with timestamp ≥ `at` below the high watermark (compressed batches are opened);
  /// offset no_offset when there is none.
  Result<TimestampAndOffset> find_by_time(TimestampMs at) const;
  /// The record with the largest timestamp (ListOffsets -3).
  Result<TimestampAndOffset> find_max_timestamp() const;
  LeaderEpoch leader_epoch() const;
  /// KIP-101: the end offset of the largest epoch ≤ `epoch`.
  EpochEnd end_of_epoch(LeaderEpoch epoch) const;

  std::shared_ptr<const LogConfig> config() const;
  void set_config(std::shared_ptr<const LogConfig> config);

  /// Grows the prewritten space of the active segment (blocking; off the request path).
  Status prepare();
  /// True when bytes were appended since the last commit.
  bool dirty() const;
  std::uint64_t dirty_bytes() const;
  /// Syncs what was appended before the call (file, and directory when a segment is new) and then
  /// publishes the durable end and with it the high watermark. A failure is fatal for the log
  /// directory: the log takes no append and serves no read of unsynced data afterwards.
  Status commit();

  /// Whole segments that time, size or the log start make superfluous, below the high watermark;
  /// they are unlisted and renamed ".deleted"; purge_deleted() unlinks them later. When the active
  /// one has to go too, an empty one is rolled first. Ages are those of the last append, not of
  /// records. Returns the number of segments removed.
  Result<std::size_t> apply_retention(TimestampMs now);
  /// Unlinks what retention renamed file.delete.delay.ms ago.
  Status purge_deleted(TimestampMs now);
  /// DeleteRecords: raises the log start to `offset` (-1 = high watermark); returns the new start.
  /// Errc::out_of_range above the high watermark. Durable when it returns.
  Result<Offset> delete_records(Offset offset, TimestampMs now);

  /// Forgets producers that have been silent for `expiration_ms`.
  void expire_producers(TimestampMs now, std::int64_t expiration_ms);

  /// Bounds what the next recovery has to read: finishes sealed segments (trim, sync, index files,
  /// digests, producer snapshot) and writes what the active indices gained. Blocks; call it from
  /// the blocking pool, about every second for logs that changed. Cheap when there is nothing.
  Status checkpoint();

  /// Clean stop: publish, truncate to the end, sync, set mtimes, write indices, producer snapshot.
  Status close();
  /// After this appends and reads give Errc::closed; slices already handed out stay readable.
  void mark_deleted();

 private:
  friend struct PartitionLogLoader;
  explicit PartitionLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace horolog::storage
