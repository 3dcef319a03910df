#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scheduler/local_file.hpp"

namespace horolog::scheduler {

/// An append-only log of values (none of them empty), with its own compaction: what State keeps out
/// of memory. Each value stands with its size and an XXH3 digest; places are given in units of 8
/// bytes. One thread at a time.
///
///     0              4                     8
///     | size  uint32 | digest  low 32 bits | value … | zeros up to a multiple of 8
///
/// The file is cut into segments, and no value crosses a border. A segment of which less than half
/// is in use is emptied: its live values are written again at the end, and its space is given back.
/// Of a log that is kept beyond the process, only after release_space(): until then a checkpoint
/// says that they lie there.
///
/// Space that was given back is used first. On a filesystem that takes none back from the middle of
/// a file, the file stays as large as it once was, and the program's log says so.
class ValueLog {
 public:
  /// What has to be known of a log beside its file.
  struct Books {
    static constexpr std::int64_t gone = -1;
    std::uint64_t end = 0;
    /// Bytes in use by segment, or `gone`.
    std::vector<std::int64_t> live;
  };
  static constexpr std::uint64_t segment_bytes = 8U << 20;
  /// One segment less what a value needs beside its bytes.
  static constexpr std::size_t largest_value = segment_bytes - 8;

  /// In a file without a name, which goes with the process.
  static Result<ValueLog> create(const std::string& directory);
  /// In a file that is kept: from its beginning, whatever it held.
  static Result<ValueLog> create_named(const std::string& path);
  /// As it was when it gave these books: what was appended since is no part of it. Errc::corrupt
  /// when the file is too short for that.
  static Result<ValueLog> reopen(const std::string& path, const Books& books);

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

  /// Everything that was appended goes to the file; what the log is then.
  Result<Books> books();
  /// Nothing refers any more to the segments that were emptied until now.
  Status release_space();

  /// Of the disk: segments in use, whole.
  std::uint64_t file_bytes() const;

 private:
  static constexpr std::size_t header_bytes = 8;
  static constexpr std::size_t buffer_bytes = 256U << 10;

  ValueLog(LocalFile file, bool kept) : file_(std::move(file)), kept_(kept) {}
  static std::uint64_t taken(std::size_t value_bytes) {
    return (header_bytes + value_bytes + 7) / 8 * 8;
  }
  Status flush();
  Status read_raw(MutableBytes to, std::uint64_t at) const;
  Status walk(std::uint64_t from, std::uint64_t until,
              const std::function<Status(std::int64_t, ByteView)>& visit);

  std::size_t current() const { return end_ == 0 ? 0 : (end_ - 1) / segment_bytes; }
  Status next_segment();

  LocalFile file_;
  /// Something outside may say where values lie, until release_space().
  bool kept_ = false;
  bool space_stays_ = false;
  std::uint64_t end_ = 0;
  /// The bytes before end_ that are not in the file yet.
  ByteBuffer tail_;
  std::vector<std::int64_t> live_;
  /// Emptied, and not given back yet.
  std::vector<std::size_t> emptied_;
  /// Gone: what is appended goes there first.
  std::vector<std::size_t> reusable_;
};

}  // namespace horolog::scheduler
