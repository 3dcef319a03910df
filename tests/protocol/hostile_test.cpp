#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/produce.hpp"
#include "tests/protocol/support.hpp"

namespace horolog::wire {
namespace {

template <typename T>
void expect_error(ByteView bytes, std::int16_t version, Errc code, std::string_view text) {
  const auto message = decode<T>(bytes, version);
  ASSERT_FALSE(message.ok());
  EXPECT_EQ(message.error().code(), code);
  EXPECT_NE(message.error().message().find(text), std::string::npos) << message.error().message();
}

void append_varint(ByteBuffer& out, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

TEST(Hostile, CountsBeyondTheBytesLeft) {
  expect_error<MetadataRequest>(bytes_of("7fffffff"), 0, Errc::corrupt,
                                "field topics, at byte 4: 2147483647 elements");
  expect_error<MetadataRequest>(bytes_of("ffffffff0f"), 9, Errc::corrupt, "4294967294 elements");
  // Five bytes are left: too few for two four-byte elements.
  expect_error<MetadataResponse>(
      bytes_of("00000000 00000001 0000 0001 't' 00000001 0000 00000000 00000000 00000002"
               "0000000000"),
      0, Errc::corrupt, "field replica_nodes");
}

TEST(Hostile, LengthsBelowMinusOneAndNullWhereNoneIsAllowed) {
  expect_error<MetadataRequest>(bytes_of("fffffffe"), 1, Errc::corrupt, "the length is -2");
  expect_error<MetadataRequest>(bytes_of("ffffffff"), 0, Errc::corrupt, "null where");
  expect_error<FindCoordinatorRequest>(bytes_of("ffff"), 0, Errc::corrupt, "null where");
  expect_error<FindCoordinatorRequest>(bytes_of("00 00 00"), 3, Errc::corrupt, "null where");
  // The names in a list are never null, though the list itself may be.
  expect_error<DescribeGroupsRequest>(bytes_of("00000001 ffff"), 0, Errc::corrupt, "null where");
  EXPECT_TRUE(decode<MetadataRequest>(bytes_of("ffffffff"), 1).ok());
}

TEST(Hostile, NullableOnlySinceALaterVersion) {
  // A topic's name may be null from version 10 on.
  expect_error<MetadataRequest>(bytes_of("02 00 00 01 00 00 00"), 9, Errc::corrupt, "null where");
  EXPECT_TRUE(decode<MetadataRequest>(
                  bytes_of("02 00000000000000000000000000000000 00 00 01 00 00 00"), 10)
                  .ok());
}

TEST(Hostile, StringsAboveKafkasLimit) {
  ByteBuffer bytes;
  append_varint(bytes, 32'768 + 1);
  bytes.resize(bytes.size() + 32'768 + 2);
  expect_error<FindCoordinatorRequest>(bytes, 3, Errc::corrupt, "at most 32767");
}

TEST(Hostile, OverlongVariableLengthNumbers) {
  expect_error<FindCoordinatorRequest>(bytes_of("8080808010"), 3, Errc::corrupt, "32 bits");
  expect_error<FindCoordinatorRequest>(bytes_of("ffffffffffff01"), 3, Errc::corrupt, "32 bits");
  expect_error<FindCoordinatorRequest>(bytes_of("80"), 3, Errc::corrupt, "cut off");
}

TEST(Hostile, TooManyElements) {
  ByteBuffer bytes;
  append_varint(bytes, limits::array_elements + 2);
  bytes.resize(bytes.size() + limits::array_elements + 2, std::byte{1});
  expect_error<DeleteGroupsRequest>(bytes, 2, Errc::too_large, "limit array_elements");
}

TEST(Hostile, TooManyElementsSpreadOverNestedArrays) {
  // Each array is within the limit; all together are not.
  constexpr std::size_t topics = 11;
  constexpr std::size_t partitions = limits::array_elements / 10;
  ByteBuffer bytes = bytes_of("00 ffff 00000000");
  append_varint(bytes, topics + 1);
  for (std::size_t t = 0; t < topics; ++t) {
    append_varint(bytes, 1);
    append_varint(bytes, partitions + 1);
    // Index, null records, no tagged fields.
    bytes.resize(bytes.size() + partitions * 6);
    append_varint(bytes, 0);
  }
  append_varint(bytes, 0);
  expect_error<ProduceRequest>(bytes, 9, Errc::too_large, "limit array_elements");
}

TEST(Hostile, TaggedFields) {
  ByteBuffer many = bytes_of("01");
  append_varint(many, limits::tagged_fields + 1);
  many.resize(many.size() + 2 * (limits::tagged_fields + 1));
  expect_error<DeleteGroupsRequest>(many, 2, Errc::too_large, "tagged fields");

  expect_error<DeleteGroupsRequest>(bytes_of("01 01 05 10 00"), 2, Errc::corrupt,
                                    "tagged field 5 has 16 bytes and 1 are left");
  // A known tag whose size does not fit its value: tag 0 of a partition is a struct of 9 bytes.
  const auto response = [](std::string_view tag) {
    return bytes_of("02 02 't' 02 00000001 0006 ffffffffffffffff ffffffffffffffff"
                    "0000000000000005 01 00 01 00" +
                    std::string(tag) + "00000001 00000004 00 00 00000000 00");
  };
  EXPECT_TRUE(decode<ProduceResponse>(response("09"), 10).ok());
  expect_error<ProduceResponse>(response("0a"), 10, Errc::corrupt, "1 bytes are left over");
  expect_error<ProduceResponse>(response("08"), 10, Errc::corrupt, "field leader_epoch");
}

}  // namespace
}  // namespace horolog::wire
