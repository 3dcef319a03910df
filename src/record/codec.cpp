#include "record/codec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "record/codec_impl.hpp"

namespace horolog::record {
namespace {

constexpr std::string_view names[codec_count] = {"none", "gzip", "snappy", "lz4", "zstd"};
constexpr std::size_t first_output_bytes = 16 * limits::KiB;

std::size_t cap_of(std::size_t input_bytes, DecompressLimits wanted) {
  const std::size_t most = wanted.output_bytes;
  const std::size_t ratio = std::max<std::size_t>(wanted.ratio, 1);
  if (input_bytes >= most / ratio) return most;
  return std::min(most, std::max(limits::decompressed_bytes_any_ratio, input_bytes * ratio));
}

Status dispatch(Codec codec, ByteView in, detail::CappedOutput& out) {
  switch (codec) {
    case Codec::gzip: return detail::gzip_decompress(in, out);
    case Codec::snappy: return detail::snappy_decompress(in, out);
    case Codec::lz4: return detail::lz4_decompress(in, out);
    case Codec::zstd: return detail::zstd_decompress(in, out);
    case Codec::none: break;
  }
  HOROLOG_ASSIGN(MutableBytes room, out.room_for(in.size()));
  std::copy(in.begin(), in.end(), room.begin());
  out.filled(in.size());
  return {};
}

}  // namespace

std::string_view to_string(Codec codec) {
  const auto index = static_cast<std::size_t>(codec);
  return index < std::size(names) ? names[index] : "unknown";
}

std::optional<Codec> parse_codec(std::string_view name) {
  const auto* const found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Codec>(found - std::begin(names));
}

Status compress(Codec codec, int level, ByteView in, ByteBuffer& out) {
  switch (codec) {
    case Codec::gzip: return detail::gzip_compress(level, in, out);
    case Codec::snappy: return detail::snappy_compress(in, out);
    case Codec::lz4: return detail::lz4_compress(level, in, out);
    case Codec::zstd: return detail::zstd_compress(level, in, out);
    case Codec::none: break;
  }
  out.insert(out.end(), in.begin(), in.end());
  return {};
}

Status decompress(Codec codec, ByteView in, ByteBuffer& out, DecompressLimits wanted) {
  detail::CappedOutput capped(out, in.size(), wanted, to_string(codec));
  const Status status = dispatch(codec, in, capped);
  capped.finish();
  return status;
}

namespace detail {

CappedOutput::CappedOutput(ByteBuffer& out, std::size_t input_bytes, DecompressLimits wanted,
                           std::string_view codec)
    : out_(out), cap_(cap_of(input_bytes, wanted)), codec_(codec) {
  out_.resize(std::min(cap_, std::max(first_output_bytes, 4 * input_bytes)));
}

MutableBytes CappedOutput::room() {
  if (size_ == out_.size() && size_ < cap_) out_.resize(std::min(cap_, 2 * size_ + 1));
  return MutableBytes(out_).subspan(size_);
}

Result<MutableBytes> CappedOutput::room_for(std::size_t bytes) {
  if (bytes > cap_ - size_) return too_large();
  if (out_.size() - size_ < bytes) out_.resize(size_ + bytes);
  return MutableBytes(out_).subspan(size_, bytes);
}

Error CappedOutput::too_large() const {
  return Error(Errc::too_large,
               fmt::format("{} data decompress to more than {} bytes, the limit for this input",
                           codec_, cap_));
}

}  // namespace detail
}  // namespace horolog::record
