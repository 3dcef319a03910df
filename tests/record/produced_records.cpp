#include <gtest/gtest.h>

#include <limits>

#include "base/varint.hpp"
#include "record/builder.hpp"
#include "record/produce_check.hpp"

namespace horolog::record {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;
constexpr std::int64_t hour = 3'600'000;

ByteBuffer batch_of(const std::vector<TimestampMs>& times, Codec codec = Codec::none,
                    bool keys = true) {
  BatchBuilder builder({.codec = codec});
  for (const TimestampMs at : times) {
    builder.add(keys ? std::optional(as_bytes("key")) : std::nullopt, as_bytes("value"), at);
  }
  return builder.build().value();
}

/// Both checks, as the broker makes them.
ProduceCheck check(ByteView bytes, const ProduceRules& rules) {
  ProduceCheck out = validate_produced(bytes, rules);
  if (!out.ok() || !needs_records(out.batch, rules)) return out;
  ByteBuffer scratch;
  return validate_records(out.batch, rules, scratch);
}

std::vector<std::int32_t> faulty(const ProduceCheck& check) {
  std::vector<std::int32_t> out;
  for (const RecordFault& fault : check.records) out.push_back(fault.index);
  return out;
}

using Indices = std::vector<std::int32_t>;

TEST(ProducedRecords, TimestampsWithinTheWindowPass) {
  ProduceRules rules{.timestamp_after_max_ms = hour, .now = now};
  EXPECT_TRUE(check(batch_of({now, now + hour, 0, no_timestamp}), rules).ok());
  rules.timestamp_before_max_ms = 1000;
  EXPECT_TRUE(check(batch_of({now - 1000, now + hour, no_timestamp}), rules).ok());
}

TEST(ProducedRecords, EveryRecordOutsideTheWindowIsNamed) {
  ProduceRules rules{.timestamp_after_max_ms = hour, .now = now};
  for (const Codec codec : {Codec::none, Codec::lz4}) {
    const auto late = check(batch_of({now, now + hour + 1, now, now + 2 * hour}, codec), rules);
    EXPECT_EQ(late.fault, ProduceFault::invalid_timestamp);
    EXPECT_EQ(faulty(late), (Indices{1, 3}));
  }
  rules.timestamp_before_max_ms = 1000;
  // In the middle of the batch, where no header tells of it.
  const auto early = check(batch_of({now, now - 1001, now}), rules);
  EXPECT_EQ(early.fault, ProduceFault::invalid_timestamp);
  EXPECT_EQ(faulty(early), Indices{1});
  const auto extremes = check(batch_of({now, std::numeric_limits<std::int64_t>::min(),
                                        std::numeric_limits<std::int64_t>::max()}),
                              rules);
  EXPECT_EQ(faulty(extremes), (Indices{1, 2}));
}

TEST(ProducedRecords, LogAppendTimeHasNoWindow) {
  const ProduceRules rules{.log_append_time = true,
                           .timestamp_before_max_ms = 1000,
                           .timestamp_after_max_ms = 1000,
                           .now = now};
  EXPECT_TRUE(check(batch_of({now - hour, now + hour}), rules).ok());
}

TEST(ProducedRecords, OnlyTheBrokerStampsWhereTheTopicSaysSo) {
  ByteBuffer batch = batch_of({now, now});
  store_be<std::int16_t>(batch.data() + layout::attributes, attribute::log_append_time);
  seal_crc(batch);
  const auto refused = check(batch, {.log_append_time = true, .now = now});
  EXPECT_EQ(refused.fault, ProduceFault::invalid_timestamp);
  EXPECT_EQ(faulty(refused), (Indices{0, 1}));
  EXPECT_TRUE(check(batch, {.now = now}).ok());
}

TEST(ProducedRecords, AHeaderThatLiesAboutTheLatestTimestampIsRefused) {
  const ProduceRules rules{.timestamp_after_max_ms = hour, .now = now};
  ByteBuffer batch = batch_of({now});
  store_be<std::int64_t>(batch.data() + layout::max_timestamp, now + 2 * hour);
  seal_crc(batch);
  const auto refused = check(batch, rules);
  EXPECT_EQ(refused.fault, ProduceFault::invalid_timestamp);
  EXPECT_EQ(faulty(refused), Indices{});
}

TEST(ProducedRecords, CompactedTopicsNeedKeys) {
  const ProduceRules rules{.key_required = true, .timestamp_after_max_ms = hour, .now = now};
  EXPECT_TRUE(check(batch_of({now, now}), rules).ok());
  const auto keyless = check(batch_of({now, now}, Codec::gzip, false), rules);
  EXPECT_EQ(keyless.fault, ProduceFault::invalid_record);
  EXPECT_EQ(faulty(keyless), (Indices{0, 1}));
  // One fault a record, and a timestamp decides the code of the batch.
  ByteBuffer scratch;
  BatchBuilder builder;
  builder.add(std::nullopt, as_bytes("v"), now + 2 * hour);
  builder.add(as_bytes("k"), as_bytes("v"), now + 2 * hour);
  const ByteBuffer both = builder.build().value();
  const auto mixed = check(both, rules);
  EXPECT_EQ(mixed.fault, ProduceFault::invalid_timestamp);
  EXPECT_EQ(faulty(mixed), (Indices{0, 1}));
}

TEST(ProducedRecords, TheListOfFaultsIsBounded) {
  const ProduceRules rules{.key_required = true, .now = now};
  const std::vector<TimestampMs> times(max_told_records + 5, now);
  const auto refused = check(batch_of(times, Codec::none, false), rules);
  EXPECT_EQ(refused.records.size(), max_told_records);
}

TEST(ProducedRecords, OffsetsMustRunWithoutGaps) {
  ByteBuffer batch = batch_of({now, now});
  // The offset delta of the second record: both records are of one size.
  const std::size_t record_bytes = (batch.size() - layout::records) / 2;
  const std::size_t delta_at = layout::records + record_bytes + 3;
  ASSERT_EQ(batch[delta_at], std::byte{2});
  batch[delta_at] = std::byte{0};
  seal_crc(batch);
  EXPECT_EQ(check(batch, {.key_required = true}).fault, ProduceFault::corrupt);
}

}  // namespace
}  // namespace horolog::record
