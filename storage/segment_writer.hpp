#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "storage/log_config.hpp"
#include "storage/segment.hpp"

namespace horolog::storage {

/// Writes the active segment. Into prewritten space (blocks that exist and were written with zeros)
/// with pwrite where syncs follow, with memcpy through the mapping where they do not (durability
/// `os`); beyond it with pwrite that grows the file. The mapping is never touched where no block
/// exists.
///
/// Threads: write() and trim() under the log's append mutex; prepare() beside them on the blocking
/// pool. All bytes from the log's end to the end of the file are zeros, always: a failed write is
/// taken back, so that no stale batch can be found there later.
class SegmentWriter {
 public:
  /// The file holds `file_size` bytes, of which everything above the log's end is zero.
  SegmentWriter(std::shared_ptr<Segment> segment, std::uint64_t file_size)
      : segment_(std::move(segment)), file_size_(file_size) {}

  /// Writes `parts` at `position`, the log's end. On an error nothing is left behind, except when
  /// broken() says that not even that worked.
  Status write(std::span<const ByteView> parts, std::size_t size, std::uint64_t position,
               Durability durability, TimestampMs now);
  /// The file cannot be brought back into a state that recovery may trust: no more writes.
  bool broken() const { return broken_.load(); }

  /// Says that it is time to call prepare(). `end` is the log's end.
  bool wants_prepare(std::uint64_t end, const LogConfig& config) const;
  /// Extends the prewritten space by a chunk (all of the segment with `preallocate`).
  Status prepare(const LogConfig& config);
  /// Gives back prewritten space above `end`.
  Status trim(std::uint64_t end);
  /// The last trim: nothing is prepared any more.
  Status seal(std::uint64_t end);

  std::uint64_t file_size() const { return file_size_.load(std::memory_order_acquire); }
  const std::shared_ptr<Segment>& segment() const { return segment_; }

 private:
  Status overwrite(const SegmentFile& file, std::span<const ByteView> parts,
                   std::uint64_t position);
  Status copy(const SegmentFile& file, std::span<const ByteView> parts, std::uint64_t position);
  Status grow(const SegmentFile& file, std::span<const ByteView> parts, std::size_t size,
              std::uint64_t position);
  Status take_back(const SegmentFile& file, std::uint64_t size, Error error);
  void measure(std::size_t size, TimestampMs now);
  std::uint64_t next_chunk();

  const std::shared_ptr<Segment> segment_;
  /// Every byte below has a block that was written. Grows under grow_mutex_, shrinks under both
  /// the append mutex and grow_mutex_.
  std::atomic<std::uint64_t> file_size_;
  std::atomic<bool> broken_{false};
  std::mutex grow_mutex_;
  /// An append had to grow the file while prepare() was at it: prepare() lets it pass.
  std::atomic<bool> overtaken_{false};
  bool sealed_ = false;  ///< under grow_mutex_
  std::atomic<std::uint64_t> chunk_bytes_{0};
  std::atomic<TimestampMs> last_write_ms_{0};
  TimestampMs prepared_ms_ = 0;  ///< prepare()'s own: one runs at a time
  // Traffic, under the append mutex.
  std::uint64_t bytes_written_ = 0;
  std::uint64_t writes_ = 0;
  TimestampMs window_start_ = 0;
  std::uint64_t window_bytes_ = 0;
  std::uint64_t window_writes_ = 0;
  bool streaming_ = false;
};

}  // namespace horolog::storage
