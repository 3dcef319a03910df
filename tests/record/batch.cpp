#include "record/batch.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "record/builder.hpp"

namespace horolog::record {
namespace {

ByteBuffer from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  ByteBuffer bytes;
  for (std::size_t n = 0; n + 1 < hex.size(); n += 2) {
    bytes.push_back(static_cast<std::byte>(digit(hex[n]) * 16 + digit(hex[n + 1])));
  }
  return bytes;
}

/// One record at 1000 ms: key "k", value "v", header h = "x"; derived by hand from the layout, the
/// checksum by a bitwise program.
const ByteBuffer example = from_hex(
    "0000000000000000"  // base offset
    "0000003e"          // length: 49 header bytes behind it and 13 of records
    "ffffffff"          // leader epoch
    "02"                // magic
    "85d4936f"          // CRC-32C of everything below
    "0000"              // attributes
    "00000000"          // last offset delta
    "00000000000003e8"  // base timestamp
    "00000000000003e8"  // max timestamp
    "ffffffffffffffff"  // producer id
    "ffff"              // producer epoch
    "ffffffff"          // base sequence
    "00000001"          // record count
    "18000000"          // record of 12 bytes, attributes, both deltas
    "026b0276"          // key "k", value "v"
    "0202680278");      // one header: "h" = "x"

ByteBuffer two_batches() {
  BatchBuilder builder;
  builder.add(as_bytes("a"), as_bytes("1"), 5);
  builder.add(as_bytes("b"), std::nullopt, 6);
  ByteBuffer out = builder.build().value();
  builder.options().base_offset = 2;
  builder.add(std::nullopt, as_bytes("22"), 7);
  const ByteBuffer second = builder.build().value();
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

TEST(Batch, HandDerivedBytes) {
  const BatchView view = parse_batch(example).value();
  EXPECT_TRUE(verify_crc(view).ok());
  EXPECT_EQ(view.header(), (BatchHeader{.batch_length = 62,
                                        .crc = view.crc(),
                                        .base_timestamp = 1000,
                                        .max_timestamp = 1000,
                                        .record_count = 1}));
  const HeaderView header{.key = "h", .value = as_bytes("x")};
  BatchBuilder builder;
  builder.add(as_bytes("k"), as_bytes("v"), 1000, {&header, 1});
  EXPECT_EQ(builder.build().value(), example);
}

TEST(Batch, EveryHeaderFieldIsReadWhereItStands) {
  ByteBuffer bytes = example;
  std::byte* const at = bytes.data();
  store_be<std::int64_t>(at + 0, 1'000'000'007);
  store_be<std::int32_t>(at + 12, 17);
  store_be<std::int16_t>(at + 21, 0x7c);
  store_be<std::int32_t>(at + 23, 9);
  store_be<std::int64_t>(at + 27, -5);
  store_be<std::int64_t>(at + 35, 11);
  store_be<std::int64_t>(at + 43, 4001);
  store_be<std::int16_t>(at + 51, 3);
  store_be<std::int32_t>(at + 53, std::numeric_limits<std::int32_t>::max() - 4);
  store_be<std::int32_t>(at + 57, 10);
  const BatchView view = parse_batch(bytes).value();
  EXPECT_EQ(view.base_offset(), 1'000'000'007);
  EXPECT_EQ(view.last_offset(), 1'000'000'016);
  EXPECT_EQ(view.next_offset(), 1'000'000'017);
  EXPECT_EQ(view.leader_epoch(), 17);
  EXPECT_EQ(view.codec(), Codec::zstd);
  EXPECT_TRUE(view.is_log_append_time() && view.is_transactional() && view.is_control() &&
              view.has_delete_horizon() && view.has_producer_id());
  EXPECT_EQ(view.base_timestamp(), -5);
  EXPECT_EQ(view.max_timestamp(), 11);
  EXPECT_EQ(view.producer_id(), 4001);
  EXPECT_EQ(view.producer_epoch(), 3);
  EXPECT_EQ(view.last_sequence(), 4) << "sequences go from 2^31-1 to 0";
  EXPECT_EQ(view.record_count(), 10);
  EXPECT_FALSE(verify_crc(view).ok());
}

TEST(Batch, EveryTruncationIsOutOfRange) {
  for (std::size_t size = 0; size < example.size(); ++size) {
    const auto parsed = parse_batch(ByteView(example).first(size));
    ASSERT_FALSE(parsed.ok()) << size;
    EXPECT_EQ(parsed.error().code(), Errc::out_of_range) << size;
  }
}

TEST(Batch, ImpossibleLengthsAndMagicsAreRefused) {
  for (const std::int32_t length : {-1, 0, 48, std::numeric_limits<std::int32_t>::min()}) {
    ByteBuffer bytes = example;
    store_be(bytes.data() + layout::batch_length, length);
    EXPECT_EQ(parse_batch(bytes).error().code(), Errc::corrupt) << length;
  }
  for (const auto& [magic, code] :
       {std::pair{0, Errc::unsupported}, {1, Errc::unsupported}, {3, Errc::corrupt}}) {
    ByteBuffer bytes = example;
    bytes[layout::magic] = static_cast<std::byte>(magic);
    EXPECT_EQ(parse_batch(bytes).error().code(), code) << magic;
  }
}

TEST(Batch, EveryBitFlipIsSeenButOffsetAndEpoch) {
  for (std::size_t bit = 0; bit < example.size() * 8; ++bit) {
    ByteBuffer bytes = example;
    bytes[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    const auto parsed = parse_batch(bytes);
    const bool seen = !parsed.ok() || !verify_crc(*parsed).ok();
    const std::size_t byte = bit / 8;
    const bool outside_crc = byte < layout::batch_length ||
                             (byte >= layout::leader_epoch && byte < layout::magic);
    EXPECT_EQ(seen, !outside_crc) << "bit " << bit;
  }
}

TEST(Batch, PatchesLeaveTheChecksumGood) {
  ByteBuffer bytes = example;
  set_base_offset(bytes, 123'456'789'012);
  set_leader_epoch(bytes, 42);
  BatchView view = parse_batch(bytes).value();
  EXPECT_EQ(view.base_offset(), 123'456'789'012);
  EXPECT_EQ(view.leader_epoch(), 42);
  EXPECT_TRUE(verify_crc(view).ok());
  EXPECT_FALSE(view.is_log_append_time());

  set_append_time(bytes, 777);
  view = parse_batch(bytes).value();
  EXPECT_TRUE(view.is_log_append_time());
  EXPECT_EQ(view.max_timestamp(), 777);
  EXPECT_EQ(view.base_timestamp(), 1000);
  EXPECT_TRUE(verify_crc(view).ok());
}

TEST(BatchIterator, WalksToTheEndOfTheRange) {
  const ByteBuffer bytes = two_batches();
  BatchIterator it(bytes);
  ASSERT_TRUE(it.next());
  EXPECT_EQ(it.position(), 0U);
  EXPECT_EQ(it.batch().next_offset(), 2);
  ASSERT_TRUE(it.next());
  EXPECT_EQ(it.batch().base_offset(), 2);
  EXPECT_FALSE(it.next());
  EXPECT_EQ(it.end(), BatchIterator::End::of_range);
  EXPECT_EQ(it.end_position(), bytes.size());
  EXPECT_TRUE(it.status().ok());
}

TEST(BatchIterator, StopsCleanlyAtZerosAndAtAPartialBatch) {
  const ByteBuffer whole = two_batches();
  for (const std::size_t zeros : {1UL, 16UL, 17UL, 61UL, 4096UL}) {
    ByteBuffer bytes = whole;
    bytes.resize(bytes.size() + zeros);
    BatchIterator it(bytes);
    EXPECT_TRUE(it.next() && it.next());
    EXPECT_FALSE(it.next());
    EXPECT_EQ(it.end(), BatchIterator::End::zeros) << zeros;
    EXPECT_EQ(it.end_position(), whole.size());
  }
  BatchIterator first(whole);
  ASSERT_TRUE(first.next());
  for (std::size_t size = first.end_position() + 1; size < whole.size(); ++size) {
    BatchIterator it(ByteView(whole).first(size));
    EXPECT_TRUE(it.next());
    EXPECT_FALSE(it.next());
    // A base offset below 2^56 starts with zeros, so very short rests look like prewritten space.
    EXPECT_NE(it.end(), BatchIterator::End::damaged) << size;
    EXPECT_EQ(it.end_position(), first.end_position());
    EXPECT_TRUE(it.status().ok());
  }
}

TEST(BatchIterator, ReportsDamageAndWhere) {
  ByteBuffer bytes = two_batches();
  BatchIterator first(bytes);
  ASSERT_TRUE(first.next());
  bytes[first.end_position() + layout::magic] = std::byte{9};
  BatchIterator it(bytes);
  EXPECT_TRUE(it.next());
  EXPECT_FALSE(it.next());
  EXPECT_FALSE(it.next());
  EXPECT_EQ(it.end(), BatchIterator::End::damaged);
  EXPECT_EQ(it.status().error().code(), Errc::corrupt);
  EXPECT_NE(it.status().error().message().find(std::to_string(first.end_position())),
            std::string::npos);
}

}  // namespace
}  // namespace horolog::record
