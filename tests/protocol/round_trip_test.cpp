#include <gtest/gtest.h>

#include "tests/protocol/any_codec.hpp"
#include "tests/protocol/random_fill.hpp"
#include "tests/protocol/support.hpp"

namespace horolog::wire {
namespace {

constexpr int rounds = 20;

std::string where(const MessageType& type, std::int16_t version) {
  return std::string(type.api->name) + " version " + std::to_string(version);
}

/// A message with random values in every field. Its records live in `fill`.
std::unique_ptr<AnyMessage> random_message(const MessageType& type, RandomFill& fill) {
  auto message = type.make();
  message->visit(fill);
  return message;
}

/// A heap block of exactly the right size, so that ASan sees a read past its end.
ByteBuffer exact(ByteView bytes) {
  ByteBuffer copy(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  return copy;
}

TEST(RoundTrip, RandomValuesInEveryVersion) {
  auto random = seeded_random();
  int walked = 0;
  for_each_message([&](const MessageType& type, std::int16_t version) {
    for (int round = 0; round < rounds; ++round) {
      RandomFill fill(*type.api, version, random);
      const auto message = random_message(type, fill);
      const ByteBuffer bytes = exact(encode_any(type, *message, version));
      const auto decoded = decode_any(type, bytes, version);
      ASSERT_TRUE(decoded.ok()) << where(type, version) << ": " << decoded.error().message();
      ASSERT_EQ(dump_any(type, **decoded, version), dump_any(type, *message, version))
          << where(type, version);
      ASSERT_EQ(encode_any(type, **decoded, version), bytes) << where(type, version);
      ++walked;
    }
  });
  EXPECT_GT(walked, 300 * rounds);
}

TEST(RoundTrip, DefaultsInEveryVersion) {
  for_each_message([&](const MessageType& type, std::int16_t version) {
    const auto message = type.make();
    const auto decoded = decode_any(type, encode_any(type, *message, version), version);
    ASSERT_TRUE(decoded.ok()) << where(type, version) << ": " << decoded.error().message();
    EXPECT_EQ(dump_any(type, **decoded, version), dump_any(type, *message, version))
        << where(type, version);
  });
}

TEST(Truncation, EveryPrefixOfEveryMessageIsAnError) {
  auto random = seeded_random();
  std::size_t prefixes = 0;
  for_each_message([&](const MessageType& type, std::int16_t version) {
    RandomFill fill(*type.api, version, random);
    const ByteBuffer bytes = encode_any(type, *random_message(type, fill), version);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const ByteBuffer cut = exact(ByteView(bytes).first(size));
      const auto decoded = decode_any(type, cut, version);
      ASSERT_FALSE(decoded.ok()) << where(type, version) << " cut to " << size << " of "
                                 << bytes.size() << " bytes";
      ASSERT_EQ(decoded.error().code(), Errc::corrupt);
      ++prefixes;
    }
  });
  EXPECT_GT(prefixes, 10'000u);
}

TEST(Truncation, BytesAfterTheEndAreAnError) {
  for_each_message([&](const MessageType& type, std::int16_t version) {
    ByteBuffer bytes = encode_any(type, *type.make(), version);
    bytes.push_back(std::byte{7});
    const auto decoded = decode_any(type, bytes, version);
    ASSERT_FALSE(decoded.ok()) << where(type, version);
    EXPECT_NE(decoded.error().message().find("1 bytes follow the end"), std::string::npos);
  });
}

TEST(Mutation, FlippedBytesNeverReadPastTheEnd) {
  auto random = seeded_random();
  for_each_message([&](const MessageType& type, std::int16_t version) {
    RandomFill fill(*type.api, version, random);
    const ByteBuffer bytes = encode_any(type, *random_message(type, fill), version);
    for (int round = 0; round < rounds && !bytes.empty(); ++round) {
      ByteBuffer damaged = exact(bytes);
      for (int flips = 0; flips < 3; ++flips) {
        damaged[random() % damaged.size()] = static_cast<std::byte>(random() % 256);
      }
      const auto decoded = decode_any(type, damaged, version);
      if (!decoded.ok()) continue;
      // Whatever decodes must also encode: nothing in it may trip the Writer's checks.
      EXPECT_LE(encode_any(type, **decoded, version).size(), damaged.size())
          << where(type, version);
    }
  });
}

}  // namespace
}  // namespace horolog::wire
