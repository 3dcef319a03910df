#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace horolog {

/// Borrowed bytes. Whoever hands one out says how long it is valid.
using ByteView = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
/// Owned bytes.
using ByteBuffer = std::vector<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteBuffer to_buffer(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// Reads a big-endian integer (Kafka's byte order) at `at`, which needs no alignment.
template <typename T>
T load_be(const std::byte* at) {
  static_assert(std::is_integral_v<T>);
  using U = std::make_unsigned_t<T>;
  U value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  }
  return static_cast<T>(value);
}

/// Writes `value` big-endian at `at`, which needs no alignment.
template <typename T>
void store_be(std::byte* at, T value) {
  static_assert(std::is_integral_v<T>);
  using U = std::make_unsigned_t<T>;
  U bits = static_cast<U>(value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) bits = __builtin_bswap16(bits);
    if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
    if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
  }
  std::memcpy(at, &bits, sizeof bits);
}

/// Appends `value` big-endian to `out`.
template <typename T>
void append_be(ByteBuffer& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  store_be(out.data() + at, value);
}

}  // namespace horolog
