#include <fmt/format.h>
#include <zstd.h>

#include "record/codec_impl.hpp"

namespace horolog::record::detail {
namespace {

struct Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ~Compressor() { ZSTD_freeCCtx(context); }
};

/// A frame may ask for a window of 128 MiB: such a context is not kept.
constexpr std::size_t kept_context_bytes = 16 * limits::MiB;

struct Decompressor {
  ZSTD_DCtx* context = nullptr;
  ~Decompressor() { ZSTD_freeDCtx(context); }
  bool prepare() {
    if (context != nullptr && ZSTD_sizeof_DCtx(context) > kept_context_bytes) {
      ZSTD_freeDCtx(context);
      context = nullptr;
    }
    if (context == nullptr) context = ZSTD_createDCtx();
    return context != nullptr &&
           ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0;
  }
};

}  // namespace

Status zstd_compress(int level, ByteView in, ByteBuffer& out) {
  if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel()) {
    return Error(Errc::invalid_argument, fmt::format("zstd level {} is not in {} to {}", level,
                                                     ZSTD_minCLevel(), ZSTD_maxCLevel()));
  }
  thread_local Compressor compressor;
  if (compressor.context == nullptr) return Error(Errc::io, "zstd could not make a context");
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(in.size()));
  const int wanted = level == default_level ? ZSTD_CLEVEL_DEFAULT : level;
  const std::size_t code = ZSTD_compressCCtx(compressor.context, out.data() + start,
                                             out.size() - start, in.data(), in.size(), wanted);
  if (ZSTD_isError(code) != 0) {
    out.resize(start);
    return Error(Errc::io, fmt::format("zstd: {}", ZSTD_getErrorName(code)));
  }
  out.resize(start + code);
  return {};
}

Status zstd_decompress(ByteView in, CappedOutput& out) {
  const unsigned long long declared = ZSTD_getFrameContentSize(in.data(), in.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR) {
    return Error(Errc::corrupt, "zstd data do not start with a frame");
  }
  if (declared != ZSTD_CONTENTSIZE_UNKNOWN && declared > out.cap()) return out.too_large();
  thread_local Decompressor decompressor;
  if (!decompressor.prepare()) return Error(Errc::io, "zstd could not make a context");
  ZSTD_inBuffer source{.src = in.data(), .size = in.size(), .pos = 0};
  while (true) {
    const MutableBytes room = out.room();
    ZSTD_outBuffer target{.dst = room.data(), .size = room.size(), .pos = 0};
    const std::size_t taken_before = source.pos;
    const std::size_t code = ZSTD_decompressStream(decompressor.context, &target, &source);
    if (ZSTD_isError(code) != 0) {
      return Error(Errc::corrupt,
                   fmt::format("zstd data do not decode: {}", ZSTD_getErrorName(code)));
    }
    out.filled(target.pos);
    if (code == 0 && source.pos == source.size) return {};
    if (target.pos == 0 && source.pos == taken_before) {
      if (out.room().empty()) return out.too_large();
      return Error(Errc::corrupt, "zstd data end too early");
    }
  }
}

}  // namespace horolog::record::detail
