#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <random>

namespace horolog {
namespace {

/// Where the processor has no SSE4.2 the chosen way is the table itself.
std::uint32_t fast(ByteView bytes, std::uint32_t seed = 0) {
  return crc32c_has_sse42() ? crc32c_sse42(bytes, seed) : crc32c(bytes, seed);
}

ByteBuffer random_bytes(std::mt19937_64& random, std::size_t size) {
  ByteBuffer bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

ByteBuffer filled(std::size_t size, int first, int step) {
  ByteBuffer bytes(size);
  for (std::size_t n = 0; n < size; ++n) {
    bytes[n] = static_cast<std::byte>(first + static_cast<int>(n) * step);
  }
  return bytes;
}

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
TEST(Crc32c, KnownVectors) {
  for (auto* function : {&crc32c, &crc32c_table}) {
    EXPECT_EQ(function(as_bytes("123456789"), 0), 0xe3069283U);
    EXPECT_EQ(function(filled(32, 0x00, 0), 0), 0x8a9136aaU);
    EXPECT_EQ(function(filled(32, 0xff, 0), 0), 0x62a8ab43U);
    EXPECT_EQ(function(filled(32, 0, 1), 0), 0x46dd794eU);
    EXPECT_EQ(function(filled(32, 31, -1), 0), 0x113fdb5cU);
    EXPECT_EQ(function({}, 0), 0U);
  }
}

TEST(Crc32c, HardwareEqualsTablesForEverySmallLength) {
  std::mt19937_64 random(7);
  const ByteBuffer bytes = random_bytes(random, 1600);
  for (std::size_t size = 0; size < bytes.size() - 8; ++size) {
    const ByteView view = ByteView(bytes).subspan(size % 8, size);
    ASSERT_EQ(fast(view), crc32c_table(view)) << "length " << size;
  }
}

TEST(Crc32c, HardwareEqualsTablesForRandomLargeLengths) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const ByteBuffer bytes = random_bytes(random, 200'000);
  for (int round = 0; round < 200; ++round) {
    const std::size_t from = random() % 64;
    const std::size_t size = random() % (bytes.size() - from);
    const auto start = static_cast<std::uint32_t>(random());
    const ByteView view = ByteView(bytes).subspan(from, size);
    ASSERT_EQ(fast(view, start), crc32c_table(view, start)) << "length " << size;
  }
}

TEST(Crc32c, SeedContinuesWhereTheFirstPartEnded) {
  std::mt19937_64 random(11);
  const ByteBuffer bytes = random_bytes(random, 30'000);
  const std::uint32_t whole = crc32c(bytes);
  for (const std::size_t cut : {0UL, 1UL, 61UL, 4096UL, 12'289UL, 30'000UL}) {
    EXPECT_EQ(crc32c(ByteView(bytes).subspan(cut), crc32c(ByteView(bytes).first(cut))), whole);
  }
}

}  // namespace
}  // namespace horolog
