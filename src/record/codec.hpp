#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "horolog/error.hpp"

namespace horolog::record {

/// How the records of a batch are compressed; the numbers are bits 0–2 of the batch's attributes.
enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr int codec_count = 5;

/// Kafka's names as `compression.type` spells them: "none", "gzip", "snappy", "lz4", "zstd".
std::string_view to_string(Codec codec);
std::optional<Codec> parse_codec(std::string_view name);

/// The level that stands for the codec's own default.
inline constexpr int default_level = 0;

/// Appends the compressed form of `in` to `out`. gzip takes levels 1–9, lz4 1–17, zstd −131072–22;
/// snappy and none have no levels and ignore it. Snappy is written in the framing of xerial's
/// snappy-java, which every Kafka client reads. Contexts are kept per thread.
Status compress(Codec codec, int level, ByteView in, ByteBuffer& out);

/// What a hostile batch may cost.
struct DecompressLimits {
  /// The output never grows beyond this many bytes.
  std::size_t output_bytes = limits::decompressed_batch_bytes;
  /// Nor beyond this many times the input, once it is above limits::decompressed_bytes_any_ratio.
  std::size_t ratio = limits::decompression_ratio;
};

/// Replaces the content of `out` with the decompressed form of `in`. Errc::corrupt when the input
/// is not one complete stream of that codec (gzip and lz4 allow several members or frames, snappy
/// both its raw form and xerial's), Errc::too_large when a limit is reached; the text names it.
/// `out` keeps its capacity from call to call, so a caller that reuses it allocates rarely.
Status decompress(Codec codec, ByteView in, ByteBuffer& out, DecompressLimits limits = {});

}  // namespace horolog::record
