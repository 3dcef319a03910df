#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "horolog/error.hpp"

namespace horolog::storage {

class SegmentFile;

/// A range of a segment's log file: whole batches, ready to be sent. Holding it pins the open file
/// and its mapping: they outlive retention, deletion and a roll. Cheap to copy; may be read from
/// any thread, also while the segment is being appended to (the range never changes).
class Slice {
 public:
  Slice() = default;
  Slice(std::shared_ptr<const SegmentFile> file, std::uint64_t position, std::size_t size)
      : file_(std::move(file)), position_(position), size_(size) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Where the range starts in the segment's file.
  std::uint64_t position() const { return position_; }
  /// For calls that go past the file seam (sendfile), or -1.
  int descriptor() const;

  /// The bytes in the mapping; empty when the file is not mapped (only the active segment is), then
  /// read them. Touching them may wait for a disk, and an I/O error there is a SIGBUS: use it for
  /// what was just written, and read_* for what may be cold.
  ByteView mapped() const;
  /// Whether these bytes are all in the page cache at this moment; false when it cannot be known.
  bool is_cached(std::size_t at, std::size_t bytes) const;
  /// Errc::busy when the bytes are not in the page cache. `at` counts within the slice. Gives up to
  /// out.size() bytes, fewer at the end of the slice.
  Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const;
  Result<std::size_t> read(std::size_t at, MutableBytes out) const;

 private:
  MutableBytes within(std::size_t at, MutableBytes out) const;

  std::shared_ptr<const SegmentFile> file_;
  std::uint64_t position_ = 0;
  std::size_t size_ = 0;
};

}  // namespace horolog::storage
