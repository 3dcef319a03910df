#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "record/codec_impl.hpp"

namespace horolog::record::detail {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: 32 KiB window, gzip header and trailer
constexpr int deflate_memory = 8;

struct Deflater {
  z_stream stream{};
  int level = 0;
  bool ready = false;

  ~Deflater() {
    if (ready) deflateEnd(&stream);
  }
  bool prepare(int wanted) {
    if (ready && level == wanted) return deflateReset(&stream) == Z_OK;
    if (ready) deflateEnd(&stream);
    stream = {};
    level = wanted;
    ready = deflateInit2(&stream, wanted, Z_DEFLATED, gzip_window, deflate_memory,
                         Z_DEFAULT_STRATEGY) == Z_OK;
    return ready;
  }
};

struct Inflater {
  z_stream stream{};
  bool ready = false;

  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
  bool prepare() {
    if (ready) return inflateReset(&stream) == Z_OK;
    ready = inflateInit2(&stream, gzip_window) == Z_OK;
    return ready;
  }
};

Bytef* zlib_bytes(const std::byte* at) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(at));
}

uInt clamp_bytes(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

Error no_context() { return Error(Errc::io, "gzip: zlib could not make a context"); }

}  // namespace

Status gzip_compress(int level, ByteView in, ByteBuffer& out) {
  const int wanted = level == default_level ? Z_DEFAULT_COMPRESSION : level;
  if (wanted != Z_DEFAULT_COMPRESSION && (wanted < 1 || wanted > 9)) {
    return Error(Errc::invalid_argument, fmt::format("gzip level {} is not in 1 to 9", level));
  }
  if (in.size() > std::numeric_limits<uInt>::max()) {
    return Error(Errc::too_large, "gzip: more than 4 GiB in one batch");
  }
  thread_local Deflater deflater;
  if (!deflater.prepare(wanted)) return no_context();
  z_stream& stream = deflater.stream;
  const std::size_t start = out.size();
  const std::size_t bound = deflateBound(&stream, static_cast<uLong>(in.size()));
  out.resize(start + bound);
  stream.next_in = zlib_bytes(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = zlib_bytes(out.data() + start);
  stream.avail_out = clamp_bytes(bound);
  const int code = deflate(&stream, Z_FINISH);
  if (code != Z_STREAM_END) {
    out.resize(start);
    return Error(Errc::io, fmt::format("gzip: deflate failed with {}", code));
  }
  out.resize(start + stream.total_out);
  return {};
}

Status gzip_decompress(ByteView in, CappedOutput& out) {
  thread_local Inflater inflater;
  if (!inflater.prepare()) return no_context();
  z_stream& stream = inflater.stream;
  while (true) {
    const MutableBytes room = out.room();
    if (room.empty()) return out.too_large();
    stream.next_in = zlib_bytes(in.data());
    stream.avail_in = clamp_bytes(in.size());
    stream.next_out = zlib_bytes(room.data());
    stream.avail_out = clamp_bytes(room.size());
    const uInt offered_in = stream.avail_in;
    const uInt offered_out = stream.avail_out;
    const int code = inflate(&stream, Z_NO_FLUSH);
    in = in.subspan(offered_in - stream.avail_in);
    out.filled(offered_out - stream.avail_out);
    if (code == Z_STREAM_END) {
      if (in.empty()) return {};
      if (inflateReset(&stream) != Z_OK) return no_context();  // another member follows
      continue;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && in.empty() && stream.avail_out > 0)) {
      return Error(Errc::corrupt, "gzip data end too early");
    }
    if (code != Z_OK) {
      return Error(Errc::corrupt, fmt::format("gzip data do not decode: {}",
                                              stream.msg != nullptr ? stream.msg : "bad data"));
    }
  }
}

}  // namespace horolog::record::detail
