#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/header_cursor.hpp"
#include "storage/segment_cache.hpp"
#include "storage/segment_file.hpp"
#include "storage/time_index.hpp"
#include "storage/transaction_index.hpp"

namespace horolog::storage {

/// What the index files of a segment are worth: a clean stop synced them whole; otherwise each of
/// them holds what its last flush, or the disk, happened to keep.
enum class IndexFiles { complete, hints };

/// One segment of a partition: a log file and its indices. The indices of the segment being
/// appended to live in memory; those of a finished one are files, mapped when somebody looks
/// something up. Files are opened when needed, and the segment cache may close them again.
///
/// Threads: note_batch(), publish() and finish() from one thread at a time; everything else from
/// any. Bytes below size() and what the indices say about them never change.
class Segment : public std::enable_shared_from_this<Segment> {
 public:
  struct Place {
    FileSystem* fs = nullptr;
    std::string directory;
    std::shared_ptr<SegmentCache> cache;
    std::uint64_t index_interval_bytes = 4096;
  };
  /// `map_bytes`: address space for the mapping of an active segment, 0 for one that is only read.
  /// `state`: what its files' names end with besides, as long as compaction is writing it.
  Segment(Place place, Offset base_offset, std::uint64_t map_bytes, std::string_view state = {})
      : place_(std::move(place)), base_(base_offset), map_bytes_(map_bytes), state_(state) {}

  Offset base_offset() const { return base_; }
  std::uint64_t capacity() const { return map_bytes_; }
  /// Makes a segment that was opened for reading the one to append to. Before it is shared.
  void make_active(std::uint64_t map_bytes);
  /// The name a file of it has when it is in use.
  std::string path(std::string_view suffix) const;

  /// Where the batches end; 0 in a new segment.
  std::uint64_t size() const { return size_.load(std::memory_order_acquire); }
  /// The offset after the last batch.
  Offset end_offset() const { return end_offset_.load(std::memory_order_acquire); }
  void publish(std::uint64_t size, Offset end_offset) {
    size_.store(size, std::memory_order_release);
    end_offset_.store(end_offset, std::memory_order_release);
  }
  /// When it was last appended to; what retention goes by. Kept in the file's mtime.
  TimestampMs last_append_ms() const { return last_append_ms_.load(std::memory_order_relaxed); }
  void set_last_append_ms(TimestampMs now) { last_append_ms_.store(now); }

  /// The open file; creates it when it is missing and `create`.
  Result<std::shared_ptr<const SegmentFile>> open(bool create = false);
  /// For the segment cache: drops the file and index mappings unless they were used since the last
  /// call. True when nothing is open any more.
  bool close_if_idle();

  /// Puts a batch into the indices (a no-op between two intervals). In order of position.
  void note_batch(const BatchFrame& frame);
  /// An index has no room for one more entry within `max_index_bytes`.
  bool index_full(std::int64_t max_index_bytes) const;
  /// Timestamp of the first batch, for rolling by time; no_timestamp when it is empty.
  TimestampMs first_timestamp() const { return first_timestamp_.load(); }
  void set_first_timestamp(TimestampMs at) { first_timestamp_ = at; }

  /// A position at or before the batch that holds `offset`; 0 at worst.
  Result<std::uint64_t> position_before(Offset offset);
  /// The largest known start of a batch at or below `position`.
  Result<std::uint64_t> boundary_before(std::uint64_t position);
  /// The last offset known to have only smaller timestamps before it; base offset at worst.
  Result<Offset> offset_before(TimestampMs timestamp);
  /// The largest timestamp and the last offset of the first batch that has it.
  Result<TimeIndexEntry> largest_timestamp();

  /// Takes what the index files say about batches below the ends into memory; what is not plausible
  /// is left out. Returns the last known start of a batch: from there on note_batch() must be told.
  /// Files that a stop did not complete may differ in age: then only what both know about counts.
  Result<std::uint64_t> load_indices(Offset end_offset, std::uint64_t end_position,
                                     IndexFiles files);
  /// The index files are complete: nothing is kept in memory.
  void trust_index_files();
  /// Forgets the indices in memory; note_batch() then starts from position 0.
  void clear_indices();
  /// Writes what the index files do not have yet. Without `sync` they are hints that recovery
  /// checks; with it they are fit for a clean stop.
  Status flush_indices(bool sync);
  /// The segment takes no more appends and its index files are complete: drops them from memory.
  Status seal_indices();
  /// Makes the time index's forced last entry, as Kafka does at roll and close.
  void force_time_entry();
  bool indices_in_memory() const;
  struct IndexBytes {
    std::uint64_t offsets = 0;
    std::uint64_t times = 0;
  };
  Result<IndexBytes> index_bytes();

  // Aborted transactions whose marker is in this segment (segment_transactions.cpp).

  /// Takes one whose marker was appended (or found by recovery). In order of the markers.
  void note_aborted(const TransactionIndexEntry& entry);
  /// How many there are. No lock.
  std::size_t aborted_count() const { return aborted_count_.load(std::memory_order_acquire); }
  /// Adds those that overlap [from, to). True when no later segment can have another one.
  Result<bool> collect_aborted(Offset from, Offset to, std::vector<AbortedTransaction>& out);
  /// All of them.
  Result<std::vector<TransactionIndexEntry>> aborted_transactions();
  /// At a start, instead of note_aborted(): the file is complete and has so many entries.
  void trust_transaction_file(std::size_t entries);
  /// At a start: these are known. The file holds the first `on_disk` bytes of them and no more.
  void set_aborted(ByteBuffer entries, std::size_t on_disk);
  /// Writes and syncs what the file does not have yet; there is no file without entries.
  Status flush_transactions();
  /// The index's first `entries`, as its file has or will have them.
  Result<ByteBuffer> transaction_bytes(std::size_t entries);

  /// Renames all its files to "<name>.deleted" ("<name>.<n>.deleted" where an earlier one still has
  /// that name); they stay readable. The new names.
  Result<std::vector<std::string>> rename_deleted();
  /// Renames the files with these suffixes, as far as they exist, from one state to another.
  /// Whoever opens the log at the same moment finds it under one name or the other.
  Status rename_files(std::span<const std::string_view> suffixes, std::string_view from,
                      std::string_view to);

 private:
  /// The name a file of it has now.
  std::string name(std::string_view suffix) const { return path(suffix) + state_; }
  ByteView offset_bytes() const;
  ByteView time_bytes() const;
  Status map_indices();
  Result<ByteView> transaction_view();
  Result<std::shared_ptr<MappedRegion>> map_index(std::string_view suffix,
                                                  std::size_t entry_bytes);
  Result<ByteBuffer> read_index(std::string_view suffix, std::size_t entry_bytes);
  Status flush_index(std::string_view suffix, const ByteBuffer& index, std::size_t& flushed,
                     bool sync);

  const Place place_;
  const Offset base_;
  std::uint64_t map_bytes_;
  std::atomic<std::uint64_t> size_{0};
  std::atomic<Offset> end_offset_{0};
  std::atomic<TimestampMs> last_append_ms_{0};
  std::atomic<TimestampMs> first_timestamp_{no_timestamp};

  mutable std::mutex mutex_;
  std::shared_ptr<const SegmentFile> file_;
  bool used_ = false;
  bool registered_ = false;
  std::string state_;

  bool in_memory_ = true;
  ByteBuffer offsets_;
  ByteBuffer times_;
  std::size_t offsets_flushed_ = 0;
  std::size_t times_flushed_ = 0;
  std::shared_ptr<MappedRegion> offsets_map_;
  std::shared_ptr<MappedRegion> times_map_;
  bool index_files_loaded_ = false;
  ByteBuffer transactions_;
  std::size_t transactions_flushed_ = 0;
  std::shared_ptr<MappedRegion> transactions_map_;
  std::atomic<std::size_t> aborted_count_{0};
  std::uint64_t bytes_since_entry_ = 0;
  TimeIndexEntry largest_;
};

}  // namespace horolog::storage
