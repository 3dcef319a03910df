#pragma once

#include <memory>
#include <span>
#include <vector>

#include "storage/compaction.hpp"
#include "storage/compaction_filter.hpp"
#include "storage/partition_log_impl.hpp"

namespace horolog::storage {

/// Writes the segment that replaces a group of old ones, as `.cleaned` files. One thread.
class CleanedSegment {
 public:
  CleanedSegment(PartitionLog::Impl& log, Offset base);

  /// Makes the log file.
  Status create();
  /// Where whole batches are to be appended; take() must follow each.
  ByteBuffer& buffer() { return buffer_; }
  /// Takes over what was put into the buffer behind `from`: one batch, or nothing.
  void take(std::size_t from);
  /// Writes the buffer out when it holds a good piece; the bytes written.
  Result<std::uint64_t> flush_when_full();
  /// Everything on disk, with indices and digests, as a segment that covers offsets up to `end` and
  /// was last appended to at `last_append`.
  Status finish(Offset end, TimestampMs last_append);

  const std::shared_ptr<Segment>& segment() const { return segment_; }
  std::uint64_t bytes() const { return written_ + buffer_.size(); }

 private:
  Status flush();

  PartitionLog::Impl& log_;
  std::shared_ptr<Segment> segment_;
  std::shared_ptr<const SegmentFile> file_;
  ByteBuffer buffer_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
};

/// One clean of one log; lives as long as PartitionLog::clean() runs. One thread; takes the log's
/// locks only to look at its state and to swap.
class Clean {
 public:
  Clean(PartitionLog::Impl& log, const CleanOptions& options, TimestampMs now)
      : log_(log), options_(options), now_(now), keys_(options.map_bytes, options.map_load) {}

  Result<CleanOutcome> run();

 private:
  Status choose_segments();
  Status compact();
  Status find_aborted();
  Status map_keys();
  /// False when the map is full: mapped_end_ is where it stopped.
  Result<bool> map_segment(Segment& segment, TransactionTracker& transactions);
  Result<bool> map_batch(const record::BatchView& batch);
  Status rewrite_all();
  Status rewrite(std::span<const std::shared_ptr<Segment>> group, BatchFilter& filter);
  Status copy_retained(Segment& segment, BatchFilter& filter, CleanedSegment& out);
  /// Fails when they are no longer the log's. An error after it was `published` leaves
  /// work for the next start, and nothing to be undone.
  Status swap(std::span<const std::shared_ptr<Segment>> group,
              const std::shared_ptr<Segment>& cleaned, bool& published);
  void publish(std::span<const std::shared_ptr<Segment>> group,
               const std::shared_ptr<Segment>& cleaned);
  LiveProducers live_producers() const;
  Status pace(std::uint64_t bytes);

  PartitionLog::Impl& log_;
  const CleanOptions& options_;
  const TimestampMs now_;
  KeyMap keys_;
  SegmentList segments_;      ///< from the first one to where compaction has to stop
  std::size_t replaced_ = 0;  ///< of them
  Cleanable range_;
  std::vector<TransactionIndexEntry> aborted_;  ///< all that may have data in the range
  Offset mapped_end_ = 0;
  RetainRule rule_;
  CleanOutcome outcome_;
  ByteBuffer scratch_;
  std::uint64_t unpaced_ = 0;
};

}  // namespace horolog::storage
