#include <fmt/format.h>
#include <snappy-c.h>

#include <algorithm>
#include <array>

#include "record/codec_impl.hpp"

/// Two forms are on the wire. librdkafka and franz-go write one raw snappy block; snappy-java (and
/// so the Java client) writes xerial's framing: a 16-byte header, then blocks of at most 32 KiB of
/// input, each behind its big-endian length. Streams in that framing may be concatenated.
namespace horolog::record::detail {
namespace {

constexpr std::array<std::uint8_t, 8> xerial_magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::int32_t xerial_version = 1;
constexpr std::size_t xerial_header_bytes = 16;
constexpr std::size_t xerial_block_bytes = 32 * 1024;

const char* chars(ByteView bytes) { return reinterpret_cast<const char*>(bytes.data()); }

bool starts_with_xerial_magic(ByteView in) {
  return in.size() >= xerial_magic.size() &&
         std::memcmp(in.data(), xerial_magic.data(), xerial_magic.size()) == 0;
}

Status decompress_block(ByteView block, CappedOutput& out) {
  std::size_t bytes = 0;
  if (snappy_uncompressed_length(chars(block), block.size(), &bytes) != SNAPPY_OK) {
    return Error(Errc::corrupt, "snappy block has no valid length");
  }
  HOROLOG_ASSIGN(MutableBytes room, out.room_for(bytes));
  if (snappy_uncompress(chars(block), block.size(), reinterpret_cast<char*>(room.data()), &bytes) !=
      SNAPPY_OK) {
    return Error(Errc::corrupt, "snappy block does not decode");
  }
  out.filled(bytes);
  return {};
}

Status decompress_xerial(ByteView in, CappedOutput& out) {
  while (!in.empty()) {
    if (starts_with_xerial_magic(in)) {
      if (in.size() < xerial_header_bytes) {
        return Error(Errc::corrupt, "snappy data end within xerial's header");
      }
      in = in.subspan(xerial_header_bytes);
      continue;
    }
    if (in.size() < 4) return Error(Errc::corrupt, "snappy data end within a block length");
    const auto length = load_be<std::int32_t>(in.data());
    in = in.subspan(4);
    if (length <= 0 || static_cast<std::size_t>(length) > in.size()) {
      return Error(Errc::corrupt,
                   fmt::format("snappy block of {} bytes, {} are left", length, in.size()));
    }
    HOROLOG_TRY(decompress_block(in.first(static_cast<std::size_t>(length)), out));
    in = in.subspan(static_cast<std::size_t>(length));
  }
  return {};
}

}  // namespace

Status snappy_compress(ByteView in, ByteBuffer& out) {
  const auto* const magic = reinterpret_cast<const std::byte*>(xerial_magic.data());
  out.insert(out.end(), magic, magic + xerial_magic.size());
  append_be(out, xerial_version);
  append_be(out, xerial_version);  // the oldest version that can read it
  while (!in.empty()) {
    const ByteView block = in.first(std::min(in.size(), xerial_block_bytes));
    in = in.subspan(block.size());
    const std::size_t at = out.size();
    std::size_t bytes = snappy_max_compressed_length(block.size());
    out.resize(at + 4 + bytes);
    if (::snappy_compress(chars(block), block.size(), reinterpret_cast<char*>(out.data() + at + 4),
                        &bytes) != SNAPPY_OK) {
      return Error(Errc::io, "snappy could not compress a block");
    }
    store_be(out.data() + at, static_cast<std::int32_t>(bytes));
    out.resize(at + 4 + bytes);
  }
  return {};
}

Status snappy_decompress(ByteView in, CappedOutput& out) {
  if (starts_with_xerial_magic(in)) return decompress_xerial(in, out);
  return decompress_block(in, out);
}

}  // namespace horolog::record::detail
