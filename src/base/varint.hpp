#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace horolog {

/// Variable-length integers as Kafka's records have them: seven bits a byte, the lowest first, the
/// top bit says that more follow; signed ones are zigzag-coded first (0, −1, 1, −2 → 0, 1, 2, 3).
inline constexpr std::size_t varint32_bytes_max = 5;
inline constexpr std::size_t varint64_bytes_max = 10;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t bits) {
  return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
}

/// Takes an unsigned varint off the front of `in`. nullopt when the bytes end within it or when it
/// does not fit into 64 bits; `in` is then unspecified.
inline std::optional<std::uint64_t> take_uvarint64(ByteView& in) {
  std::uint64_t value = 0;
  for (std::size_t n = 0; n < in.size() && n < varint64_bytes_max; ++n) {
    const auto byte = static_cast<std::uint64_t>(in[n]);
    if (n == varint64_bytes_max - 1 && byte > 1) return std::nullopt;
    value |= (byte & 0x7f) << (7 * n);
    if ((byte & 0x80) == 0) {
      in = in.subspan(n + 1);
      return value;
    }
  }
  return std::nullopt;
}

/// The same for 32 bits, which is at most five bytes.
inline std::optional<std::uint32_t> take_uvarint32(ByteView& in) {
  std::uint32_t value = 0;
  for (std::size_t n = 0; n < in.size() && n < varint32_bytes_max; ++n) {
    const auto byte = static_cast<std::uint32_t>(in[n]);
    if (n == varint32_bytes_max - 1 && byte > 0x0f) return std::nullopt;
    value |= (byte & 0x7f) << (7 * n);
    if ((byte & 0x80) == 0) {
      in = in.subspan(n + 1);
      return value;
    }
  }
  return std::nullopt;
}

inline std::optional<std::int64_t> take_varint64(ByteView& in) {
  const auto bits = take_uvarint64(in);
  if (!bits) return std::nullopt;
  return unzigzag(*bits);
}

inline std::optional<std::int32_t> take_varint32(ByteView& in) {
  const auto bits = take_uvarint32(in);
  if (!bits) return std::nullopt;
  return static_cast<std::int32_t>(unzigzag(*bits));
}

inline void append_uvarint(ByteBuffer& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::byte>(value));
}

inline void append_varint(ByteBuffer& out, std::int64_t value) {
  append_uvarint(out, zigzag(value));
}

constexpr std::size_t uvarint_size(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}
constexpr std::size_t varint_size(std::int64_t value) { return uvarint_size(zigzag(value)); }

}  // namespace horolog
