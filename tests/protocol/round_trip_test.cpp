#include <gtest/gtest.h>

#include "protocol/codec.hpp"
#include "protocol/dump.hpp"
#include "tests/protocol/all_messages.hpp"
#include "tests/protocol/random_fill.hpp"
#include "tests/protocol/support.hpp"

namespace horolog::wire {
namespace {

constexpr int rounds = 20;

std::string where(const Api& api, std::int16_t version) {
  return std::string(api.name) + " version " + std::to_string(version);
}

/// Decodes from a heap block of exactly the right size, so that ASan sees a read past its end.
template <typename T>
Result<T> decode_exact(ByteView bytes, std::int16_t version, ByteBuffer& copy) {
  copy = ByteBuffer(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  return decode<T>(copy, version);
}

TEST(RoundTrip, RandomValuesInEveryVersion) {
  auto random = seeded_random();
  int walked = 0;
  for_each_message([&]<typename T>(std::int16_t version) {
    for (int round = 0; round < rounds; ++round) {
      T message{};
      RandomFill fill(T::api, version, random);
      fill.visit(message);
      const ByteBuffer bytes = encode(message, version);
      ByteBuffer copy;
      const auto decoded = decode_exact<T>(bytes, version, copy);
      ASSERT_TRUE(decoded.ok()) << where(T::api, version) << ": " << decoded.error().message();
      ASSERT_EQ(dump(*decoded, version, DumpOptions::everything()),
                dump(message, version, DumpOptions::everything()))
          << where(T::api, version);
      ASSERT_EQ(encode(*decoded, version), bytes) << where(T::api, version);
      ++walked;
    }
  });
  EXPECT_GT(walked, 300 * rounds);
}

TEST(RoundTrip, DefaultsInEveryVersion) {
  for_each_message([&]<typename T>(std::int16_t version) {
    const T message{};
    const auto decoded = decode<T>(encode(message, version), version);
    ASSERT_TRUE(decoded.ok()) << where(T::api, version) << ": " << decoded.error().message();
    EXPECT_EQ(dump(*decoded, version), dump(message, version)) << where(T::api, version);
  });
}

TEST(Truncation, EveryPrefixOfEveryMessageIsAnError) {
  auto random = seeded_random();
  std::size_t prefixes = 0;
  for_each_message([&]<typename T>(std::int16_t version) {
    T message{};
    RandomFill fill(T::api, version, random);
    fill.visit(message);
    const ByteBuffer bytes = encode(message, version);
    ByteBuffer copy;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = decode_exact<T>(ByteView(bytes).first(size), version, copy);
      ASSERT_FALSE(decoded.ok()) << where(T::api, version) << " cut to " << size << " of "
                                 << bytes.size() << " bytes";
      ASSERT_EQ(decoded.error().code(), Errc::corrupt);
      ++prefixes;
    }
  });
  EXPECT_GT(prefixes, 10'000u);
}

TEST(Truncation, BytesAfterTheEndAreAnErrorUnlessAllowed) {
  for_each_message([&]<typename T>(std::int16_t version) {
    ByteBuffer bytes = encode(T{}, version);
    bytes.push_back(std::byte{7});
    ASSERT_FALSE(decode<T>(bytes, version).ok()) << where(T::api, version);
    ASSERT_TRUE(decode_prefix<T>(bytes, version).ok()) << where(T::api, version);
  });
}

TEST(Mutation, FlippedBytesNeverReadPastTheEnd) {
  auto random = seeded_random();
  for_each_message([&]<typename T>(std::int16_t version) {
    T message{};
    RandomFill fill(T::api, version, random);
    fill.visit(message);
    const ByteBuffer bytes = encode(message, version);
    if (bytes.empty()) return;
    for (int round = 0; round < rounds; ++round) {
      ByteBuffer damaged = bytes;
      for (int flips = 0; flips < 3; ++flips) {
        damaged[random() % damaged.size()] = static_cast<std::byte>(random() % 256);
      }
      ByteBuffer copy;
      const auto decoded = decode_exact<T>(damaged, version, copy);
      // Whatever decodes must also encode: nothing in it may trip the Writer's checks.
      if (decoded.ok()) {
        EXPECT_LE(encode(*decoded, version).size(), damaged.size()) << where(T::api, version);
      }
    }
  });
}

TEST(Versions, OutsideTheSchemaAreRefusedByName) {
  for_each_message([&]<typename T>(std::int16_t version) {
    if (version != T::api.versions.max) return;
    const auto above = decode<T>({}, static_cast<std::int16_t>(version + 1));
    ASSERT_FALSE(above.ok());
    EXPECT_EQ(above.error().code(), Errc::unsupported);
    EXPECT_NE(above.error().message().find(T::api.name), std::string::npos);
    const auto below = decode<T>({}, static_cast<std::int16_t>(T::api.versions.min - 1));
    EXPECT_EQ(below.error().code(), Errc::unsupported);
  });
}

}  // namespace
}  // namespace horolog::wire
