#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scheduler/scratch_file.hpp"

namespace horolog::scheduler {

/// An append-only log of values (none of them empty), with its own compaction: what State keeps out
/// of memory. Each value stands with its size and an XXH3 digest; places are given in units of 8
/// bytes and never used twice. One thread at a time.
///
///     0              4                     8
///     | size  uint32 | digest  low 32 bits | value … | zeros up to a multiple of 8
///
/// The file is cut into segments, and no value crosses a border. A segment of which less than half
/// is in use is emptied: its live values are written again at the end, and its space is given back.
class ValueLog {
 public:
  static constexpr std::uint64_t segment_bytes = 8U << 20;
  /// One segment less what a value needs beside its bytes.
  static constexpr std::size_t largest_value = segment_bytes - 8;

  static Result<ValueLog> create(const std::string& directory);

  /// Returns its place. Errc::invalid_argument for one larger than largest_value.
  Result<std::int64_t> append(ByteView value);
  /// Errc::corrupt when the digest does not fit.
  Result<ByteBuffer> read(std::int64_t place) const;
  /// The value there is no longer needed.
  void release(std::int64_t place, std::size_t value_bytes);

  /// Empties one segment, if one is worth it. `keep(place, value)` is called for each value in it
  /// and appends those that are still needed. True when a segment was emptied.
  Result<bool> reclaim(
      const std::function<Status(std::int64_t place, ByteView value)>& keep);

  /// Of the disk: segments in use, whole.
  std::uint64_t file_bytes() const;

 private:
  static constexpr std::size_t header_bytes = 8;
  static constexpr std::size_t buffer_bytes = 256U << 10;

  explicit ValueLog(ScratchFile file) : file_(std::move(file)) {}
  static std::uint64_t taken(std::size_t value_bytes) {
    return (header_bytes + value_bytes + 7) / 8 * 8;
  }
  Status flush();
  Status read_raw(MutableBytes to, std::uint64_t at) const;
  Status walk(std::uint64_t from, std::uint64_t until,
              const std::function<Status(std::int64_t, ByteView)>& visit);

  ScratchFile file_;
  std::uint64_t end_ = 0;
  /// The bytes before end_ that are not in the file yet.
  ByteBuffer tail_;
  /// Bytes in use by segment; a segment that was emptied has gone.
  std::vector<std::uint64_t> live_;
  std::vector<bool> gone_;
  /// All before it have gone: the log moves through its file, and what lies behind costs nothing.
  std::size_t first_ = 0;
};

}  // namespace horolog::scheduler
