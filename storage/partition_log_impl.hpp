#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/epoch_cache.hpp"
#include "storage/header_cursor.hpp"
#include "storage/log_position.hpp"
#include "storage/partition_log.hpp"
#include "storage/producer_state.hpp"
#include "storage/segment.hpp"
#include "storage/segment_writer.hpp"
#include "storage/transaction_verification.hpp"
#include "storage/unstable_transactions.hpp"

namespace horolog::storage {

using SegmentList = std::vector<std::shared_ptr<Segment>>;

/// What readers go by: copied under a lock that is held for nanoseconds.
struct LogView {
  std::shared_ptr<const SegmentList> segments = std::make_shared<SegmentList>();
  Offset log_start = 0;
  LogPosition high_watermark;
  LogPosition last_stable;
  LogPosition durable;
  LogPosition end;
};

/// A segment that was rolled away from: synced by the next commit, finished by the next checkpoint.
struct UnfinishedSegment {
  std::shared_ptr<Segment> segment;
  std::shared_ptr<SegmentWriter> writer;
  std::optional<ProducerState> producers;  ///< as of the segment's end, when that is known
};

/// A transaction that an append began or ended, with the position of the batch that did.
struct PositionedChange {
  TransactionChange change;
  LogPosition at;
};

/// Locks, in the order in which they may be taken:
///   cleaning     one clean at a time
///   maintenance  checkpoint, retention, delete_records, close: one at a time
///   commit       one sync at a time
///   append       sequence check, offsets, the copy, roll; held for microseconds
///   publish      the view; held for nanoseconds
struct PartitionLog::Impl {
  // Set once, before the log is shared.
  FileSystem* fs = nullptr;
  TopicPartition id;
  Uuid topic_id;
  std::string directory;
  std::shared_ptr<SegmentCache> segment_cache;
  std::function<Status(const TopicPartition&, Offset)> persist_log_start;
  std::function<void(const Error&)> on_disk_failure;

  std::mutex cleaning_mutex;
  std::mutex maintenance_mutex;
  std::mutex commit_mutex;
  std::mutex append_mutex;
  mutable std::mutex publish_mutex;

  // Under publish_mutex.
  LogView view;
  UnstableTransactions unstable;
  std::shared_ptr<const LogConfig> config;

  // The view's offsets once more, for those who want one number.
  std::atomic<Offset> log_start{0};
  std::atomic<Offset> high_watermark{0};
  std::atomic<Offset> last_stable{0};
  std::atomic<Offset> durable{0};
  std::atomic<Offset> end{0};
  std::atomic<std::uint64_t> sealed_bytes{0};
  std::atomic<std::uint64_t> dirty_bytes{0};

  // Under append_mutex.
  std::shared_ptr<SegmentWriter> writer;  ///< of the last segment; null when there is none
  ProducerState producers;
  TransactionVerification verification;
  std::atomic<LeaderEpoch> leader_epoch{0};
  std::vector<std::shared_ptr<Segment>> unsynced;  ///< appended to since the last commit
  std::vector<UnfinishedSegment> unfinished;
  bool directory_made = false;    ///< exists on disk
  bool directory_synced = false;  ///< its own entry and partition.metadata are durable
  bool names_unsynced = false;    ///< files were created in it since the last commit
  bool changed = false;           ///< appended to since it was loaded
  std::uint64_t bytes_since_snapshot = 0;
  ByteBuffer scratch;

  EpochCache epochs;

  /// Below, the log has been compacted.
  std::atomic<Offset> cleaned_offset{0};

  std::atomic<bool> deleted{false};
  std::atomic<bool> closed{false};
  std::atomic<bool> failed{false};
  std::mutex failure_mutex;
  std::string failure;

  // Under maintenance_mutex.
  struct DeletedFiles {
    std::vector<std::string> paths;
    TimestampMs since = 0;
  };
  std::vector<DeletedFiles> deleted_files;
  std::uint64_t indexed_bytes = 0;  ///< of the active segment when its indices were last flushed

  LogView current_view() const {
    const std::lock_guard lock(publish_mutex);
    return view;
  }
  std::shared_ptr<const LogConfig> current_config() const {
    const std::lock_guard lock(publish_mutex);
    return config;
  }
  Segment::Place place() const;
  /// Errc::closed or Errc::io when the log takes no more appends.
  Status usable() const;
  Error failure_error() const;
  /// The log directory has failed: first reason wins.
  void fail(const Error& error);
  /// Passes the error on to who watches the disk.
  void report_failure(const Error& error);

  // partition_log_append.cpp; under append_mutex.
  Result<AppendInfo> append_locked(std::span<const BatchFrame> frames, ByteView batches,
                                   Origin origin, TimestampMs now,
                                   const std::optional<VerificationToken>& token);
  std::vector<PositionedChange> note_appended(std::span<const BatchFrame> frames, ByteView batches,
                                              Offset base, bool stamp, TimestampMs now);
  Status make_room(std::span<const BatchFrame> frames, std::size_t size, const LogConfig& settings);
  bool must_roll(std::span<const BatchFrame> frames, std::size_t size,
                 const LogConfig& settings) const;
  Status write(std::span<const BatchFrame> frames, ByteView batches, Offset base,
               const LogConfig& settings, TimestampMs now);
  Status make_directory();
  /// Starts a new segment at the log end.
  Status roll(std::uint64_t map_bytes);
  void publish_append(Offset next, std::size_t size, bool high_watermark_follows,
                      std::span<const PositionedChange> changes);

  // partition_log_transactions.cpp
  /// May these be appended? Under append_mutex.
  Result<ProducerState::Verdict> admit(std::span<const BatchFrame> frames, ByteView batches,
                                       Origin origin,
                                       const std::optional<VerificationToken>& token) const;
  ProducerState::Verdict admit_produced(const record::BatchHeader& batch,
                                        const std::optional<VerificationToken>& token) const;
  wire::ErrorCode admit_written(const BatchFrame& frame,
                                const std::optional<VerificationToken>& token) const;
  /// After the high watermark, the log start or a transaction moved. Under publish_mutex.
  void update_last_stable();

  // partition_log_read.cpp
  bool holds(const Segment& segment) const;
  Result<std::uint64_t> locate(Segment& segment, const SegmentFile& file, Offset offset,
                               std::uint64_t end) const;
  struct Cut {
    std::uint64_t position = 0;
    std::optional<BatchFrame> next;  ///< the batch that no longer fits
  };
  Result<Cut> cut_at(Segment& segment, const SegmentFile& file, std::uint64_t start,
                               std::size_t max_bytes, std::uint64_t end) const;
  /// Where reading has to stop in this segment; 0 when nothing of it is visible.
  static std::uint64_t visible_end(const Segment& segment, const LogPosition& limit);
  LogPosition limit_of(const LogView& seen, Visibility visibility) const;

  // partition_log_time.cpp
  Result<TimestampAndOffset> find_record(const LogPosition& limit, Segment& segment,
                                         TimestampMs at, Offset from) const;

  // partition_log_clean.cpp
  Result<Cleanable> cleanable(const LogView& seen, const LogConfig& settings,
                              TimestampMs now) const;

  // partition_log_commit.cpp
  Status commit_under_lock();
  Status sync_names(bool directory_is_new);
  Status finish_segments();
  Status finish(UnfinishedSegment& sealed);
  Status write_epochs();  ///< the caller syncs the directory
  Status close_active();

  // partition_log_retention.cpp; under maintenance_mutex.
  Result<std::size_t> remove_segments(std::size_t count, Offset new_log_start, TimestampMs now);
  void keep_producers(const ProducerState& state, Offset as_of);
  std::size_t removable_by_config(const LogView& seen, const LogConfig& settings,
                                  TimestampMs now) const;
  void trim_when_idle(const LogView& seen, TimestampMs now);
};

}  // namespace horolog::storage
