#include <gtest/gtest.h>

#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// ListOffsets by timestamp, and what depends on the type of timestamp.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using test::read_records;

class TimeTest : public ::testing::Test {
 protected:
  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(TimeTest, FindsTheFirstRecordInEveryCodecAndSegment) {
  kit_.config.segment_bytes = 3'000;
  kit_.config.index_interval_bytes = 500;
  PartitionLog& log = kit_.open();
  for (int i = 0; i < 40; ++i) {
    kit_.append({.records = 5,
                 .value_bytes = 60,
                 .timestamp = 10'000 + 100 * i,
                 .timestamp_step = 10,
                 .codec = static_cast<record::Codec>(i % record::codec_count)});
  }
  ASSERT_GE(log.segment_count(), 3u);
  EXPECT_EQ(log.find_by_time(0)->offset, no_offset) << "nothing is below the high watermark yet";
  ASSERT_TRUE(log.commit().ok());
  for (const bool sealed : {false, true}) {
    if (sealed) {
      ASSERT_TRUE(log.checkpoint().ok());
    }
    EXPECT_EQ(log.find_by_time(0)->offset, 0);
    for (int i = 0; i < 40; ++i) {
      const auto exact = log.find_by_time(10'000 + 100 * i + 20);
      ASSERT_EQ(exact->offset, 5 * i + 2);
      ASSERT_EQ(exact->timestamp, 10'000 + 100 * i + 20);
      const auto between = log.find_by_time(10'000 + 100 * i + 41);
      ASSERT_EQ(between->offset, i == 39 ? no_offset : 5 * i + 5);
    }
    EXPECT_EQ(log.find_max_timestamp()->offset, 199);
    EXPECT_EQ(log.find_max_timestamp()->timestamp, 13'940);
  }
  ASSERT_TRUE(log.delete_records(12, 1).ok());
  EXPECT_EQ(log.find_by_time(0)->offset, 12) << "never below the log start";
}

TEST_F(TimeTest, WorksWithTimestampsOutOfOrder) {
  PartitionLog& log = kit_.open();
  for (const TimestampMs at : {500, 100, 900, 300, 900, 700}) kit_.append({.timestamp = at});
  EXPECT_EQ(log.find_max_timestamp()->offset, no_offset);
  ASSERT_TRUE(log.commit().ok());
  EXPECT_EQ(log.find_by_time(600)->offset, 2);
  EXPECT_EQ(log.find_by_time(901)->offset, no_offset);
  EXPECT_EQ(log.find_max_timestamp()->offset, 2);
  kit_.append({.timestamp = 2'000});
  EXPECT_EQ(log.find_max_timestamp()->timestamp, 900) << "2,000 is not durable yet";
  EXPECT_EQ(log.find_by_time(950)->offset, no_offset);
}

TEST_F(TimeTest, RollsWhenRecordTimeHasPassed) {
  kit_.config.segment_ms = 1'000;
  PartitionLog& log = kit_.open();
  kit_.append({.timestamp = 5'000}, 1);
  kit_.append({.timestamp = 6'000}, 1);
  EXPECT_EQ(log.segment_count(), 1u);
  kit_.append({.timestamp = 6'001}, 1);
  EXPECT_EQ(log.segment_count(), 2u);
  ASSERT_TRUE(log.commit().ok());
  kit_.open(false, 3);
  kit_.append({.timestamp = 7'001}, 1);
  EXPECT_EQ(kit_.log().segment_count(), 2u) << "the first timestamp is known after a restart";
  kit_.append({.timestamp = 7'002}, 1);
  EXPECT_EQ(kit_.log().segment_count(), 3u);
}

TEST_F(TimeTest, JitterRollsSomeSegmentsEarlierAndNoneLater) {
  kit_.config.segment_ms = 1'000;
  kit_.config.segment_jitter_ms = 900;
  PartitionLog& log = kit_.open();
  std::vector<TimestampMs> ages;
  TimestampMs started = 1;
  for (TimestampMs now = 1; ages.size() < 20; now += 10) {
    const std::size_t before = log.segment_count();
    kit_.append({.timestamp = now}, 1);
    if (before > 0 && log.segment_count() > before) {
      ages.push_back(now - started);
      started = now;
    }
  }
  EXPECT_LE(*std::max_element(ages.begin(), ages.end()), 1'010);
  EXPECT_GE(*std::min_element(ages.begin(), ages.end()), 100);
  EXPECT_LT(*std::min_element(ages.begin(), ages.end()), 900) << "no segment rolled earlier";
}

TEST_F(TimeTest, RollsWhenAnIndexIsFull) {
  kit_.config.index_interval_bytes = 1;
  kit_.config.segment_index_bytes = 48;  // six offsets, or four times with one kept free
  PartitionLog& log = kit_.open();
  for (int i = 0; i < 5; ++i) kit_.append({.timestamp = 1'000 + i});
  EXPECT_EQ(log.segment_count(), 2u);
}

TEST_F(TimeTest, LogAppendTimeIsStampedAndAnswered) {
  kit_.config.timestamp_type = TimestampType::log_append_time;
  PartitionLog& log = kit_.open();
  const AppendInfo info = kit_.append({.records = 2, .timestamp = 5}, 77'000);
  EXPECT_EQ(info.append_time, 77'000);
  ASSERT_TRUE(log.commit().ok());
  const auto read = log.read(0, 1'000, Visibility::high_watermark);
  const ByteBuffer bytes = test::bytes_of(read->slices.at(0));
  const auto batch = record::parse_batch(bytes);
  EXPECT_TRUE(batch->is_log_append_time());
  EXPECT_EQ(batch->max_timestamp(), 77'000);
  EXPECT_TRUE(record::verify_crc(*batch).ok());
  EXPECT_EQ(log.find_by_time(6)->offset, 0);
}

TEST_F(TimeTest, DurabilityOsShowsWhatWasAppended) {
  kit_.config.durability = Durability::os;
  PartitionLog& log = kit_.open();
  kit_.append({.records = 4});
  EXPECT_EQ(log.high_watermark(), 4);
  EXPECT_EQ(log.durable_offset(), 0);
  EXPECT_EQ(read_records(log, 0, Visibility::high_watermark).size(), 4u);
  // Back to commit: the high watermark never falls.
  LogConfig config = kit_.config;
  config.durability = Durability::commit;
  log.set_config(std::make_shared<LogConfig>(config));
  kit_.append({.records = 2});
  EXPECT_EQ(log.high_watermark(), 4);
  ASSERT_TRUE(log.commit().ok());
  EXPECT_EQ(log.high_watermark(), 6);
}

TEST_F(TimeTest, RefusesABatchLargerThanASegmentAndRubbish) {
  kit_.config.segment_bytes = 1'000;
  PartitionLog& log = kit_.open();
  const auto large = log.append(test::make_batch({.value_bytes = 2'000}), Origin::client, 1);
  EXPECT_EQ(large.error().code(), Errc::too_large);
  ByteBuffer rubbish = test::make_batch({});
  rubbish.push_back(std::byte{1});
  EXPECT_EQ(log.append(rubbish, Origin::client, 1).error().code(), Errc::invalid_argument);
  EXPECT_EQ(log.append({}, Origin::client, 1).error().code(), Errc::invalid_argument);
  EXPECT_FALSE(fs_.exists(kit_.options.directory)) << "nothing was appended, so nothing is made";
}

TEST_F(TimeTest, SeveralBatchesAreOneAppend) {
  PartitionLog& log = kit_.open();
  ByteBuffer two = test::make_batch({.records = 3});
  const ByteBuffer second = test::make_batch({.records = 2});
  two.insert(two.end(), second.begin(), second.end());
  const auto appended = log.append(two, Origin::coordinator, 1);
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ(appended->base_offset, 0);
  EXPECT_EQ(appended->last_offset, 4);
  EXPECT_EQ(read_records(log, 0).size(), 5u);
}

}  // namespace
}  // namespace horolog
