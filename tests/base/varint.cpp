#include "base/varint.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace horolog {
namespace {

ByteBuffer bytes_of(std::initializer_list<int> values) {
  ByteBuffer bytes;
  for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
  return bytes;
}

TEST(Varint, HandDerivedBytes) {
  const std::pair<std::int64_t, ByteBuffer> cases[] = {
      {0, bytes_of({0x00})},          {-1, bytes_of({0x01})},
      {1, bytes_of({0x02})},          {-64, bytes_of({0x7f})},
      {64, bytes_of({0x80, 0x01})},   {300, bytes_of({0xd8, 0x04})},
      {std::numeric_limits<std::int32_t>::max(), bytes_of({0xfe, 0xff, 0xff, 0xff, 0x0f})},
      {std::numeric_limits<std::int32_t>::min(), bytes_of({0xff, 0xff, 0xff, 0xff, 0x0f})},
  };
  for (const auto& [value, expected] : cases) {
    ByteBuffer out;
    append_varint(out, value);
    EXPECT_EQ(out, expected) << value;
    EXPECT_EQ(varint_size(value), expected.size()) << value;
    ByteView in = out;
    EXPECT_EQ(take_varint32(in), value);
    EXPECT_TRUE(in.empty());
  }
}

TEST(Varint, TooLongOrTooLargeIsRefused) {
  const ByteBuffer six = bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x00});
  const ByteBuffer overflow32 = bytes_of({0xff, 0xff, 0xff, 0xff, 0x1f});
  const ByteBuffer overflow64 =
      bytes_of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02});
  const ByteBuffer eleven =
      bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00});
  ByteView in = six;
  EXPECT_FALSE(take_varint32(in));
  in = overflow32;
  EXPECT_FALSE(take_varint32(in));
  in = overflow64;
  EXPECT_FALSE(take_varint64(in));
  in = eleven;
  EXPECT_FALSE(take_varint64(in));
}

TEST(Varint, EveryTruncationIsRefused) {
  ByteBuffer out;
  append_varint(out, std::numeric_limits<std::int64_t>::min());
  ASSERT_EQ(out.size(), varint64_bytes_max);
  for (std::size_t size = 0; size < out.size(); ++size) {
    ByteView in = ByteView(out).first(size);
    EXPECT_FALSE(take_varint64(in)) << size;
  }
  ByteView in = out;
  EXPECT_EQ(take_varint64(in), std::numeric_limits<std::int64_t>::min());
}

TEST(Varint, RandomRoundTrips) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int n = 0; n < 20'000; ++n) {
    const auto value = static_cast<std::int64_t>(random() >> (random() % 64));
    const std::int64_t wanted = (random() & 1) != 0 ? -value : value;
    ByteBuffer out;
    append_varint(out, wanted);
    ASSERT_EQ(varint_size(wanted), out.size());
    ByteView in = out;
    ASSERT_EQ(take_varint64(in), wanted);
    ASSERT_TRUE(in.empty());
  }
}

}  // namespace
}  // namespace horolog
