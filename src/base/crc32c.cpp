#include "base/crc32c.hpp"

#include <array>
#include <cstddef>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/assert.hpp"

namespace horolog {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // Castagnoli, bit-reversed

using Table = std::array<std::uint32_t, 256>;

/// slices[k][b] is the effect of byte b followed by k zero bytes: eight bytes are folded per step.
constexpr std::array<Table, 8> make_slices() {
  std::array<Table, 8> slices{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    slices[0][b] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      const std::uint32_t before = slices[k - 1][b];
      slices[k][b] = (before >> 8) ^ slices[0][before & 255];
    }
  }
  return slices;
}

constexpr std::array<Table, 8> slices = make_slices();

std::uint64_t load_le64(const std::byte* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

std::uint32_t fold_byte(std::uint32_t crc, std::byte b) {
  return (crc >> 8) ^ slices[0][(crc ^ static_cast<std::uint32_t>(b)) & 255];
}

#if defined(__x86_64__)

/// What `length` zero bytes do to a CRC register, as one table per byte of the register. Lets the
/// CRCs of adjacent stretches, computed at the same time, be joined.
struct ZeroShift {
  std::array<Table, 4> tables;

  std::uint32_t operator()(std::uint32_t crc) const {
    return tables[0][crc & 255] ^ tables[1][(crc >> 8) & 255] ^ tables[2][(crc >> 16) & 255] ^
           tables[3][crc >> 24];
  }
};

using Matrix = std::array<std::uint32_t, 32>;  // column n: the image of bit n

constexpr std::uint32_t multiply(const Matrix& matrix, std::uint32_t bits) {
  std::uint32_t sum = 0;
  for (std::size_t n = 0; bits != 0; ++n, bits >>= 1) {
    if ((bits & 1) != 0) sum ^= matrix[n];
  }
  return sum;
}

/// `length` must be a power of two: the one-bit shift is squared until it shifts that many bytes.
constexpr ZeroShift make_zero_shift(std::size_t length) {
  Matrix shift{};
  shift[0] = polynomial;
  for (std::size_t n = 1; n < 32; ++n) shift[n] = std::uint32_t{1} << (n - 1);
  for (std::size_t bits = 1; bits < length * 8; bits *= 2) {
    Matrix square{};
    for (std::size_t n = 0; n < 32; ++n) square[n] = multiply(shift, shift[n]);
    shift = square;
  }
  ZeroShift result{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    for (std::size_t k = 0; k < 4; ++k) result.tables[k][b] = multiply(shift, b << (8 * k));
  }
  return result;
}

// Stretch lengths: long ones spread the joining cost, short ones still serve a small batch.
constexpr std::size_t long_bytes = 4096;
constexpr std::size_t short_bytes = 256;
constinit const ZeroShift shift_long = make_zero_shift(long_bytes);
constinit const ZeroShift shift_short = make_zero_shift(short_bytes);

/// Three streams at a time: the instruction takes three cycles but starts every cycle.
__attribute__((target("sse4.2"))) const std::byte* three_way(const std::byte* at,
                                                             const std::byte* end,
                                                             std::size_t stretch,
                                                             const ZeroShift& shift,
                                                             std::uint32_t& crc) {
  while (static_cast<std::size_t>(end - at) >= 3 * stretch) {
    std::uint64_t a = crc;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    for (const std::byte* stop = at + stretch; at < stop; at += 8) {
      a = _mm_crc32_u64(a, load_le64(at));
      b = _mm_crc32_u64(b, load_le64(at + stretch));
      c = _mm_crc32_u64(c, load_le64(at + 2 * stretch));
    }
    crc = shift(static_cast<std::uint32_t>(a)) ^ static_cast<std::uint32_t>(b);
    crc = shift(crc) ^ static_cast<std::uint32_t>(c);
    at += 2 * stretch;
  }
  return at;
}

__attribute__((target("sse4.2"))) std::uint32_t hardware(ByteView bytes, std::uint32_t seed) {
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  std::uint32_t crc = ~seed;
  at = three_way(at, end, long_bytes, shift_long, crc);
  at = three_way(at, end, short_bytes, shift_short, crc);
  std::uint64_t wide = crc;
  for (; end - at >= 8; at += 8) wide = _mm_crc32_u64(wide, load_le64(at));
  crc = static_cast<std::uint32_t>(wide);
  for (; at < end; ++at) crc = _mm_crc32_u8(crc, static_cast<std::uint8_t>(*at));
  return ~crc;
}

#endif

}  // namespace

bool crc32c_has_sse42() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
#else
  return false;
#endif
}

std::uint32_t crc32c_table(ByteView bytes, std::uint32_t seed) {
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  std::uint32_t crc = ~seed;
  for (; end - at >= 8; at += 8) {
    const std::uint64_t eight = load_le64(at) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= slices[7 - k][(eight >> (8 * k)) & 255];
  }
  for (; at < end; ++at) crc = fold_byte(crc, *at);
  return ~crc;
}

std::uint32_t crc32c_sse42(ByteView bytes, std::uint32_t seed) {
  HOROLOG_ASSERT(crc32c_has_sse42());
#if defined(__x86_64__)
  return hardware(bytes, seed);
#else
  return crc32c_table(bytes, seed);
#endif
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  if (crc32c_has_sse42()) return hardware(bytes, seed);
#endif
  return crc32c_table(bytes, seed);
}

}  // namespace horolog
