#include "record/produce_check.hpp"

#include <gtest/gtest.h>

#include "record/builder.hpp"

namespace horolog::record {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;

ByteBuffer batch_of(int records, BatchOptions options = {}, TimestampMs at = now) {
  BatchBuilder builder(options);
  for (int n = 0; n < records; ++n) builder.add(as_bytes("key"), as_bytes("value"), at);
  return builder.build().value();
}

/// Overwrites a field and makes the CRC right again, so that only the field is wrong.
template <typename T>
ByteBuffer with(ByteBuffer batch, std::size_t at, T value) {
  store_be(batch.data() + at, value);
  seal_crc(batch);
  return batch;
}

ProduceFault fault_of(ByteView records, const ProduceRules& rules = {}) {
  const ProduceCheck check = validate_produced(records, rules);
  EXPECT_EQ(check.ok(), check.message.empty()) << check.message;
  return check.fault;
}

TEST(ProduceCheck, AcceptsWhatClientsSend) {
  const ByteBuffer plain = batch_of(3);
  EXPECT_EQ(fault_of(plain), ProduceFault::none);
  EXPECT_EQ(validate_produced(plain, {}).batch.record_count(), 3);
  const ByteBuffer idempotent =
      batch_of(2, {.producer_id = 9, .producer_epoch = 0, .base_sequence = 0});
  EXPECT_EQ(fault_of(idempotent), ProduceFault::none);
  EXPECT_EQ(fault_of(batch_of(2, {.codec = Codec::zstd})), ProduceFault::none);
  EXPECT_EQ(fault_of(batch_of(1, {.transactional = true})), ProduceFault::none);
}

TEST(ProduceCheck, ExactlyOneBatch) {
  EXPECT_EQ(fault_of({}), ProduceFault::invalid_record);
  ByteBuffer two = batch_of(1);
  const ByteBuffer second = batch_of(1);
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(fault_of(two), ProduceFault::invalid_record);
  ByteBuffer tail = batch_of(1);
  tail.push_back(std::byte{0});
  EXPECT_EQ(fault_of(tail), ProduceFault::invalid_record);
}

TEST(ProduceCheck, EveryTruncationIsRefused) {
  const ByteBuffer whole = batch_of(2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(fault_of(ByteView(whole).first(size)), ProduceFault::invalid_record) << size;
  }
}

TEST(ProduceCheck, MagicAndLength) {
  const ByteBuffer good = batch_of(1);
  EXPECT_EQ(fault_of(with<std::int8_t>(good, layout::magic, 1)), ProduceFault::invalid_record);
  EXPECT_EQ(fault_of(with<std::int8_t>(good, layout::magic, 3)), ProduceFault::corrupt);
  EXPECT_EQ(fault_of(with<std::int32_t>(good, layout::batch_length, 10)), ProduceFault::corrupt);
}

TEST(ProduceCheck, Crc) {
  ByteBuffer bad = batch_of(1);
  bad.back() ^= std::byte{1};
  EXPECT_EQ(fault_of(bad), ProduceFault::corrupt);
}

TEST(ProduceCheck, BaseOffset) {
  EXPECT_EQ(fault_of(batch_of(1, {.base_offset = 1})), ProduceFault::invalid_record);
}

TEST(ProduceCheck, SizeCapCountsTheWholeBatch) {
  const ByteBuffer batch = batch_of(1);
  EXPECT_EQ(fault_of(batch, {.max_message_bytes = batch.size()}), ProduceFault::none);
  EXPECT_EQ(fault_of(batch, {.max_message_bytes = batch.size() - 1}), ProduceFault::too_large);
}

TEST(ProduceCheck, CountFitsTheOffsets) {
  const ByteBuffer good = batch_of(3);
  for (const std::int32_t count : {-1, 0, 2, 4, std::numeric_limits<std::int32_t>::min()}) {
    EXPECT_EQ(fault_of(with(good, layout::record_count, count)), ProduceFault::invalid_record);
  }
  const ByteBuffer empty = with<std::int32_t>(with<std::int32_t>(good, layout::record_count, 0),
                                              layout::last_offset_delta, -1);
  EXPECT_EQ(fault_of(empty), ProduceFault::invalid_record);
}

TEST(ProduceCheck, SequenceGoesWithProducerId) {
  EXPECT_EQ(fault_of(batch_of(1, {.producer_id = 5, .producer_epoch = 0, .base_sequence = -1})),
            ProduceFault::invalid_record);
}

TEST(ProduceCheck, ControlAndDeleteHorizonAreTheBrokers) {
  EXPECT_EQ(fault_of(batch_of(1, {.control = true})), ProduceFault::invalid_record);
  EXPECT_EQ(fault_of(with<std::int16_t>(batch_of(1), layout::attributes, 0x40)),
            ProduceFault::invalid_record);
}

TEST(ProduceCheck, Codecs) {
  const ByteBuffer zstd = batch_of(1, {.codec = Codec::zstd});
  EXPECT_EQ(fault_of(zstd, {.zstd_allowed = false}), ProduceFault::unsupported_codec);
  for (std::int16_t codec = 5; codec <= 7; ++codec) {
    EXPECT_EQ(fault_of(with<std::int16_t>(batch_of(1), layout::attributes, codec)),
              ProduceFault::unsupported_codec);
  }
}

}  // namespace
}  // namespace horolog::record
