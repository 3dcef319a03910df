#include <fmt/format.h>
#include <lz4frame.h>

#include "record/codec_impl.hpp"

namespace horolog::record::detail {
namespace {

struct Compressor {
  LZ4F_cctx* context = nullptr;
  ~Compressor() { LZ4F_freeCompressionContext(context); }
  bool prepare() {
    return context != nullptr ||
           LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)) == 0;
  }
};

struct Decompressor {
  LZ4F_dctx* context = nullptr;
  ~Decompressor() { LZ4F_freeDecompressionContext(context); }
  bool prepare() {
    if (context != nullptr) {
      LZ4F_resetDecompressionContext(context);
      return true;
    }
    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0;
  }
};

constexpr int lz4_level_max = 17;  // Kafka's bound for compression.lz4.level

}  // namespace

Status lz4_compress(int level, ByteView in, ByteBuffer& out) {
  if (level < 0 || level > lz4_level_max) {
    return Error(Errc::invalid_argument,
                 fmt::format("lz4 level {} is not in 1 to {}", level, lz4_level_max));
  }
  thread_local Compressor compressor;
  if (!compressor.prepare()) return Error(Errc::io, "lz4 could not make a context");
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  // Kafka's Java client reads independent blocks only.
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level;
  const std::size_t start = out.size();
  const std::size_t room = LZ4F_compressFrameBound(in.size(), &preferences);
  out.resize(start + room);
  std::byte* at = out.data() + start;
  const std::byte* const end = out.data() + out.size();
  const auto left = [&] { return static_cast<std::size_t>(end - at); };
  std::size_t code = LZ4F_compressBegin(compressor.context, at, left(), &preferences);
  if (LZ4F_isError(code) == 0) {
    at += code;
    code = LZ4F_compressUpdate(compressor.context, at, left(), in.data(), in.size(), nullptr);
  }
  if (LZ4F_isError(code) == 0) {
    at += code;
    code = LZ4F_compressEnd(compressor.context, at, left(), nullptr);
  }
  if (LZ4F_isError(code) != 0) {
    out.resize(start);
    return Error(Errc::io, fmt::format("lz4: {}", LZ4F_getErrorName(code)));
  }
  at += code;
  out.resize(static_cast<std::size_t>(at - out.data()));
  return {};
}

Status lz4_decompress(ByteView in, CappedOutput& out) {
  thread_local Decompressor decompressor;
  if (!decompressor.prepare()) return Error(Errc::io, "lz4 could not make a context");
  while (true) {
    const MutableBytes room = out.room();
    std::size_t written = room.size();
    std::size_t taken = in.size();
    const std::size_t code = LZ4F_decompress(decompressor.context, room.data(), &written, in.data(),
                                             &taken, nullptr);
    if (LZ4F_isError(code) != 0) {
      return Error(Errc::corrupt,
                   fmt::format("lz4 data do not decode: {}", LZ4F_getErrorName(code)));
    }
    in = in.subspan(taken);
    out.filled(written);
    if (code == 0 && in.empty()) return {};
    if (written == 0 && taken == 0) {
      if (out.room().empty()) return out.too_large();
      return Error(Errc::corrupt, "lz4 data end too early");
    }
  }
}

}  // namespace horolog::record::detail
