#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "storage/file.hpp"

namespace horolog::storage {

/// Reads a file from front to back in pieces of `piece_bytes`, or more where a caller wants more at
/// once. With read_at(), so that a failing disk is an error and not a signal.
class FileWindow {
 public:
  /// `file` must outlive the window; nothing at or above `end` is read.
  FileWindow(const File& file, std::uint64_t end, std::size_t piece_bytes)
      : file_(file), end_(end), piece_bytes_(piece_bytes) {}

  /// Up to `wanted` bytes at `position`, fewer only at the end; valid until the next call.
  Result<ByteView> at(std::uint64_t position, std::size_t wanted) {
    const std::uint64_t left = end_ - std::min(position, end_);
    wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left));
    if (position < start_ || position + wanted > start_ + size_) {
      const std::uint64_t span =
          std::min(left, static_cast<std::uint64_t>(std::max(wanted, piece_bytes_)));
      if (buffer_.size() < span) buffer_.resize(static_cast<std::size_t>(span));
      const MutableBytes into = MutableBytes(buffer_).first(static_cast<std::size_t>(span));
      HOROLOG_ASSIGN(size_, file_.read_at(into, position));
      start_ = position;
      wanted = std::min(wanted, size_);
    }
    return ByteView(buffer_).subspan(static_cast<std::size_t>(position - start_), wanted);
  }

 private:
  const File& file_;
  const std::uint64_t end_;
  const std::size_t piece_bytes_;
  ByteBuffer buffer_;
  std::uint64_t start_ = 0;
  std::size_t size_ = 0;
};

}  // namespace horolog::storage
