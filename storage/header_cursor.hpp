#pragma once

#include <array>
#include <cstdint>

#include "horolog/error.hpp"
#include "record/batch.hpp"
#include "storage/segment_file.hpp"

namespace horolog::storage {

/// The header of a batch and where it lies, read without touching its records.
struct BatchFrame {
  record::BatchHeader header;
  std::uint64_t position = 0;
  std::uint64_t size = 0;

  Offset base_offset() const { return header.base_offset; }
  Offset last_offset() const { return header.base_offset + header.last_offset_delta; }
  std::uint64_t end() const { return position + size; }
};

/// Decodes the 61 bytes at `at`; says nothing about their truth.
record::BatchHeader load_batch_header(const std::byte* at);

/// Reads batch headers from a segment file, below an end that is known to hold whole batches. From
/// the mapping where there is one, else through a small buffer. One thread at a time.
class HeaderCursor {
 public:
  /// `file` must outlive the cursor.
  HeaderCursor(const SegmentFile& file, std::uint64_t end) : file_(file), end_(end) {}

  /// The frame at `position`. Errc::corrupt when no batch can start there (magic, length, end).
  Result<BatchFrame> at(std::uint64_t position);

 private:
  Result<const std::byte*> header_bytes(std::uint64_t position);

  const SegmentFile& file_;
  const std::uint64_t end_;
  std::uint64_t buffer_start_ = 0;
  std::size_t buffer_size_ = 0;
  std::array<std::byte, 4096> buffer_;
};

}  // namespace horolog::storage
