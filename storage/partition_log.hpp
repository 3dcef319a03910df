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
#include "storage/compaction.hpp"
#include "storage/file.hpp"
#include "storage/log_config.hpp"
#include "storage/slice.hpp"
#include "storage/transaction_index.hpp"
#include "storage/transaction_verification.hpp"

namespace horolog::storage {

/// Who appends: decides which rules hold.
enum class Origin : std::uint8_t {
  client,  ///< idempotence, fencing and transactions are checked
  /// Internal topics: bytes are ours. Sequences are not checked; with a producer id, its epoch is,
  /// and that a batch fits the producer's transaction.
  coordinator,
};

struct AppendInfo {
  /// Protocol outcome: out_of_order_sequence_number, invalid_producer_epoch, invalid_txn_state, and
  /// of append_marker() transaction_coordinator_fenced. Nothing was written, then.
  wire::ErrorCode error = wire::ErrorCode::none;
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

/// How far a reader may see. last_stable (isolation level read_committed): up to the first record
/// of a transaction whose end is not known yet; what was aborted below is for the reader to skip.
enum class Visibility : std::uint8_t { high_watermark, log_end, last_stable };

struct ReadInfo {
  /// Adjacent ranges, at most one per segment, whole batches. The first batch may start before the
  /// requested offset (readers skip). Empty when the offset is at the limit.
  std::vector<Slice> slices;
  std::size_t bytes = 0;
  /// The offset behind the last batch; the requested one when there is none.
  Offset next_offset = 0;
  Offset high_watermark = 0;
  Offset last_stable_offset = 0;
  Offset log_start_offset = 0;
};

struct TimestampAndOffset {
  TimestampMs timestamp = no_timestamp;
  Offset offset = no_offset;
  LeaderEpoch leader_epoch = -1;
};

/// The control batch that ends a producer's transaction in a partition (WriteTxnMarkers).
struct TransactionMarker {
  ProducerId producer_id = no_producer_id;
  /// From TV2 on the coordinator raises it for the marker: what is still under way with the
  /// transaction's own epoch is refused from then on (KIP-890).
  ProducerEpoch producer_epoch = -1;
  std::int32_t coordinator_epoch = -1;
  bool commit = false;
  /// From 2 on a marker of the producer's current epoch is refused while a transaction is open: it
  /// is a late duplicate of the one before. 0: not known (an administrator's).
  std::int16_t transaction_version = 0;
};

/// What DescribeProducers tells of one producer.
struct ActiveProducer {
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = -1;
  std::int32_t last_sequence = -1;  ///< -1 when none is remembered
  TimestampMs last_timestamp = no_timestamp;
  std::int32_t coordinator_epoch = -1;           ///< of the last marker; -1 when there was none
  Offset current_transaction_start = no_offset;  ///< no_offset when none is open
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
/// Offsets: log_start ≤ last_stable ≤ high_watermark ≤ log_end. With Durability::commit the high
/// watermark is the durable end (what a power cut cannot take back), with Durability::os it is the
/// log end. The last stable offset is the high watermark, or the first offset of the oldest
/// transaction that is open or whose marker is not below the high watermark, when that is less.
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
  /// `token`: a client's batch that begins a transaction needs the one that begin_verification()
  /// gave before the coordinator was asked (a coordinator's may come with one); a batch of an open
  /// transaction needs none. Without it, or when it has become stale: invalid_txn_state.
  Result<AppendInfo> append(ByteView batches, Origin origin, TimestampMs now,
                            std::optional<VerificationToken> token = {});
  /// Ends the producer's transaction, and writes the marker also when it has none open here. The
  /// decision shows in last_stable_offset() when the marker is below the high watermark.
  /// Outcomes: invalid_producer_epoch (the marker's epoch is older), transaction_coordinator_fenced
  /// (its coordinator's is). Errors as of append().
  Result<AppendInfo> append_marker(const TransactionMarker& marker, TimestampMs now);
  /// Has the coordinator to be asked whether this partition is part of the producer's transaction
  /// before its next transactional batch (KIP-890)? nullopt: no, its transaction is open here. Else
  /// the token for the append. `first_sequence` of the batch, so that a later one that was verified
  /// sooner is not taken first; -1 switches that off. `epoch_bumps`: Produce 12 and above (TV2).
  std::optional<VerificationToken> begin_verification(ProducerId id, ProducerEpoch epoch,
                                                      std::int32_t first_sequence = -1,
                                                      bool epoch_bumps = false);

  /// At least one batch when there is one below the limit, else at most max_bytes.
  /// Errc::out_of_range when `from` is below the log start or above the log end. Between the high
  /// watermark and the log end a read gives nothing.
  Result<ReadInfo> read(Offset from, std::size_t max_bytes, Visibility visibility) const;

  Offset log_start_offset() const;
  Offset high_watermark() const;
  Offset last_stable_offset() const;
  Offset log_end_offset() const;
  /// Everything below is on disk.
  Offset durable_offset() const;
  std::uint64_t size_bytes() const;
  std::size_t segment_count() const;

  /// The aborted transactions that overlap [from, to), in the order of their markers: what a
  /// consumer of committed records needs beside what it was given of that range (`to` is the
  /// next_offset of the read). To be asked for after the read. Errc::out_of_range when the log
  /// start has passed `from` meanwhile: then what was read must not be handed out.
  Result<std::vector<AbortedTransaction>> aborted_transactions(Offset from, Offset to) const;

  /// First visible record with timestamp ≥ `at` (compressed batches are opened); offset no_offset
  /// when there is none.
  Result<TimestampAndOffset> find_by_time(
      TimestampMs at, Visibility visibility = Visibility::high_watermark) const;
  /// The visible record with the largest timestamp (ListOffsets -3).
  Result<TimestampAndOffset> find_max_timestamp(
      Visibility visibility = Visibility::high_watermark) const;
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

  /// What clean() would find now: sealed, durable segments past min.compaction.lag.ms.
  Result<Cleanable> cleanable(TimestampMs now) const;
  /// Compacts the log once, as far as the key map reaches (see compaction.hpp). Blocks for as long
  /// as it takes to read and write the log, in a thread of the caller's; everything else goes on
  /// meanwhile. Errors: what `options.pace` gave, Errc::busy (another clean runs), Errc::closed,
  /// Errc::disk_full, Errc::corrupt (a batch does not decode), Errc::io. Then the log is as it was,
  /// or compacted in part.
  Result<CleanOutcome> clean(const CleanOptions& options, TimestampMs now);
  /// Whether every offset from `from` to the log end still has its record: compaction has taken
  /// none. Who has read the log up to `from` before may then go on from there; else a tombstone
  /// that came after it may have gone. Reads headers only; blocks.
  Result<bool> is_complete_from(Offset from) const;
  /// Records below were compacted; what cleaner-offset-checkpoint says.
  Offset cleaned_offset() const;

  /// Everyone remembered here, by rising id.
  std::vector<ActiveProducer> active_producers() const;
  /// Forgets producers that have been silent for `expiration_ms` and have no transaction open.
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
