#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "record/codec.hpp"

/// What the four codec files share; not for use outside the record layer.
namespace horolog::record::detail {

/// The output of a decompression: grows as bytes arrive, never beyond its cap.
class CappedOutput {
 public:
  /// Takes over `out`, whose content is dropped and whose capacity is used.
  CappedOutput(ByteBuffer& out, std::size_t input_bytes, DecompressLimits limits,
               std::string_view codec);

  /// Room for at least one more byte; empty when the cap is reached.
  MutableBytes room();
  /// The first `bytes` of room() were filled.
  void filled(std::size_t bytes) { size_ += bytes; }
  std::size_t size() const { return size_; }
  std::size_t cap() const { return cap_; }
  /// Room for exactly `bytes`, or Errc::too_large.
  Result<MutableBytes> room_for(std::size_t bytes);
  Error too_large() const;
  /// Cuts the buffer to what was filled.
  void finish() { out_.resize(size_); }

 private:
  ByteBuffer& out_;
  std::size_t size_ = 0;
  std::size_t cap_;
  std::string_view codec_;
};

Status gzip_compress(int level, ByteView in, ByteBuffer& out);
Status gzip_decompress(ByteView in, CappedOutput& out);
Status snappy_compress(ByteView in, ByteBuffer& out);
Status snappy_decompress(ByteView in, CappedOutput& out);
Status lz4_compress(int level, ByteView in, ByteBuffer& out);
Status lz4_decompress(ByteView in, CappedOutput& out);
Status zstd_compress(int level, ByteView in, ByteBuffer& out);
Status zstd_decompress(ByteView in, CappedOutput& out);

}  // namespace horolog::record::detail
