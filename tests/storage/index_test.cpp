#include <gtest/gtest.h>

#include "storage/epoch_cache.hpp"
#include "storage/log_files.hpp"
#include "storage/offset_index.hpp"
#include "storage/segment_sum.hpp"
#include "storage/time_index.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

namespace horolog {
namespace {

using namespace storage;
using test::LogKit;

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", static_cast<int>(b));
  return text;
}

TEST(OffsetIndexTest, LookupsGiveTheFloor) {
  ByteBuffer bytes;
  OffsetIndexView::append(bytes, 1'000, {.offset = 1'005, .position = 5'000});
  OffsetIndexView::append(bytes, 1'000, {.offset = 1'009, .position = 9'100});
  EXPECT_EQ(hex(bytes), "0000000500001388" "000000090000238c");
  const OffsetIndexView view(bytes, 1'000);
  EXPECT_FALSE(view.floor_of_offset(1'004).has_value());
  EXPECT_EQ(view.floor_of_offset(1'005)->position, 5'000u);
  EXPECT_EQ(view.floor_of_offset(1'008)->position, 5'000u);
  EXPECT_EQ(view.floor_of_offset(9'999)->position, 9'100u);
  EXPECT_FALSE(view.floor_of_position(4'999).has_value());
  EXPECT_EQ(view.floor_of_position(9'099)->offset, 1'005);
  EXPECT_EQ(view.plausible_entries(1'010, 10'000), 2u);
  EXPECT_EQ(view.plausible_entries(1'009, 10'000), 1u);
  EXPECT_EQ(view.plausible_entries(1'010, 9'100), 1u);
  bytes.resize(24);  // zeros, as a lost page reads
  EXPECT_EQ(OffsetIndexView(bytes, 1'000).plausible_entries(2'000, 99'999), 2u);
}

TEST(TimeIndexTest, OnlyLargerTimestampsAreAdded) {
  ByteBuffer bytes;
  TimeIndexView::append_if_newer(bytes, 10, {.timestamp = 258, .offset = 12});
  TimeIndexView::append_if_newer(bytes, 10, {.timestamp = 258, .offset = 13});
  TimeIndexView::append_if_newer(bytes, 10, {.timestamp = 300, .offset = 14});
  EXPECT_EQ(hex(bytes), "000000000000010200000002" "000000000000012c00000004");
  const TimeIndexView view(bytes, 10);
  EXPECT_FALSE(view.floor(257).has_value());
  EXPECT_EQ(view.floor(299)->offset, 12);
  EXPECT_EQ(view.floor(300)->offset, 14);
  EXPECT_EQ(TimeIndexView({}, 10).last(), (TimeIndexEntry{.timestamp = -1, .offset = 10}));
}

// Batches of 1,000 bytes, one record each, and an interval of 2,500: a batch gets an entry when
// more than that was appended since the last entry, so the batches at 3,000, 6,000 and 9,000 do.
// Timestamps 100, 90, 120, 110, 140, …: the largest so far grows with every second batch.
class IndexFilesTest : public ::testing::Test {
 protected:
  void fill() {
    kit_.config.index_interval_bytes = 2'500;
    kit_.open();
    const std::size_t overhead = test::make_batch({.value_bytes = 900}).size() - 900;
    for (int i = 0; i < 10; ++i) {
      const test::BatchSpec spec{.value_bytes = 1'000 - overhead,
                                 .timestamp = 100 + 10 * i - (i % 2) * 20};
      ASSERT_EQ(test::make_batch(spec).size(), 1'000u);
      kit_.append(spec);
    }
    ASSERT_TRUE(kit_.log().close().ok());
  }
  std::string index() { return hex(fs_.content(log_files::path("/data/t-0", 0, ".index"))); }
  std::string times() { return hex(fs_.content(log_files::path("/data/t-0", 0, ".timeindex"))); }

  // Last offset of the batch (3, 6, 9) and where it starts (3,000, 6,000, 9,000).
  const std::string golden_index_ = "00000003" "00000bb8" "00000006" "00001770"
                                    "00000009" "00002328";
  // Batch 3 (timestamp 110) gets an entry: the largest so far is 120, of batch 2.
  // Batch 6 has 160; at batch 9 the largest is 180, of batch 8.
  const std::string golden_times_ = "0000000000000078" "00000002" "00000000000000a0" "00000006"
                                    "00000000000000b4" "00000008";
  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(IndexFilesTest, AreWhatKafkaWrites) {
  fill();
  EXPECT_EQ(index(), golden_index_);
  EXPECT_EQ(times(), golden_times_);
}

TEST_F(IndexFilesTest, AreTheSameWhenRebuiltAfterACrashOrContinuedAfterAStop) {
  fill();
  for (const Offset recovery_point : {0, 4, 10}) {
    kit_.open(false, recovery_point);
    ASSERT_TRUE(kit_.log().close().ok());
    EXPECT_EQ(index(), golden_index_) << recovery_point;
    EXPECT_EQ(times(), golden_times_) << recovery_point;
  }
  for (const auto suffix : {".index", ".timeindex"}) {
    ASSERT_TRUE(fs_.remove(log_files::path("/data/t-0", 0, suffix)).ok());
  }
  kit_.open(false, 10);
  ASSERT_TRUE(kit_.log().close().ok());
  EXPECT_EQ(index(), golden_index_);
  EXPECT_EQ(times(), golden_times_);
}

// A kill between the two flushes, or pages lost in a power failure, leave files of different ages.
// Every batch has the same timestamp, so the only time entry names the first of them.
TEST_F(IndexFilesTest, ATimeIndexOlderThanTheOffsetIndexIsMadeAnew) {
  kit_.config.index_interval_bytes = 2'500;
  kit_.open();
  for (int i = 0; i < 10; ++i) kit_.append({.value_bytes = 900, .timestamp = 100});
  ASSERT_TRUE(kit_.log().close().ok());
  const std::string whole = times();
  ASSERT_EQ(whole, "0000000000000064" "00000000");
  const std::string path = log_files::path("/data/t-0", 0, ".timeindex");
  for (const std::size_t left : {12, 11, 0}) {
    ByteBuffer bytes = fs_.content(path);
    bytes.resize(left);
    fs_.set_content(path, bytes);
    kit_.open(false, 10);
    ASSERT_TRUE(kit_.log().close().ok());
    EXPECT_EQ(times(), whole) << left << " bytes left";
  }
}

TEST_F(IndexFilesTest, OtherFilesOfAPartition) {
  fill();
  const auto text = [&](const std::string& name) {
    return std::string(as_text(fs_.content("/data/t-0/" + name)));
  };
  EXPECT_EQ(text("leader-epoch-checkpoint"), "0\n1\n0 0\n");
  EXPECT_EQ(text("partition.metadata"), "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
  EXPECT_EQ(fs_.content(log_files::path("/data/t-0", 0, ".log")).size(), 10'000u);
  EXPECT_TRUE(fs_.exists(log_files::path("/data/t-0", 10, ".snapshot")));
  EXPECT_TRUE(fs_.exists(log_files::path("/data/t-0", 10, ".producers")));
}

TEST(EpochCacheTest, AnswersWhereAnEpochEnds) {
  EpochCache cache;
  EXPECT_EQ(cache.end_of(0, 100).epoch, -1);
  cache.assign(2, 0);
  cache.assign(5, 40);
  cache.assign(5, 50);
  cache.assign(4, 60);
  EXPECT_EQ(cache.entries().size(), 2u);
  EXPECT_EQ(cache.end_of(5, 100), (EpochCache::Entry{5, 100}));
  EXPECT_EQ(cache.end_of(3, 100), (EpochCache::Entry{2, 40}));
  EXPECT_EQ(cache.end_of(1, 100), (EpochCache::Entry{1, 0}));
  EXPECT_EQ(cache.end_of(6, 100), EpochCache::Entry{});
  cache.assign(7, 40);
  EXPECT_EQ(cache.entries(), (std::vector<EpochCache::Entry>{{2, 0}, {7, 40}}))
      << "epoch 5 wrote nothing that is left";
  const ByteBuffer bytes = EpochCache::encode(cache.entries());
  EXPECT_EQ(as_text(bytes), "0\n2\n2 0\n7 40\n");
  EXPECT_EQ(*EpochCache::decode(bytes), cache.entries());
  for (const std::string_view bad :
       {"", "1\n0\n", "0\n3\n2 0\n", "0\n2\n2 0\n1 5\n", "0\n1\n2\n"}) {
    EXPECT_FALSE(EpochCache::decode(as_bytes(bad)).ok()) << bad;
  }
  cache.truncate_front(45);
  EXPECT_EQ(cache.entries(), (std::vector<EpochCache::Entry>{{7, 45}}));
}

TEST(EpochsOfALogTest, FollowTheLeaderEpochThroughRestarts) {
  test::MemoryFileSystem fs;
  LogKit kit(fs);
  kit.options.leader_epoch = 1;
  kit.open();
  kit.append({.records = 3});
  ASSERT_TRUE(kit.log().commit().ok());
  kit.options.leader_epoch = 4;
  kit.open(false, 3);
  kit.append({.records = 2});
  ASSERT_TRUE(kit.log().commit().ok());
  kit.options.leader_epoch = 6;
  PartitionLog& log = kit.open(false, 5);
  EXPECT_EQ(log.leader_epoch(), 6);
  EXPECT_EQ(log.end_of_epoch(1).end_offset, 3);
  EXPECT_EQ(log.end_of_epoch(5).epoch, 4);
  EXPECT_EQ(log.end_of_epoch(5).end_offset, 5);
  EXPECT_EQ(log.end_of_epoch(6).end_offset, 5);
  kit.append({});
  const auto read = log.read(5, 1'000, Visibility::log_end);
  const ByteBuffer batch = test::bytes_of(read->slices.at(0));
  EXPECT_EQ(record::parse_batch(batch)->leader_epoch(), 6);
}

TEST(EpochsOfALogTest, WhatRecoveryFindsIsKeptWhenTheRecoveryPointPassesIt) {
  test::MemoryFileSystem fs;
  LogKit kit(fs);
  kit.options.leader_epoch = 1;
  kit.open();
  kit.append({.records = 3});
  ASSERT_TRUE(kit.log().commit().ok());
  kit.options.leader_epoch = 4;
  kit.open(false, 3);
  kit.append({.records = 2});
  kit.options.leader_epoch = 5;
  ASSERT_EQ(kit.open(false, 3).durable_offset(), 5) << "so 5 becomes the recovery point";
  kit.options.leader_epoch = 6;
  EXPECT_EQ(kit.open(false, 5).end_of_epoch(4).epoch, 4);
  EXPECT_EQ(kit.log().end_of_epoch(1).end_offset, 3);
}

TEST(SegmentSumTest, IsATextThatNamesSizesAndDigests) {
  const std::vector<FileSum> sums{{".log", 12, "00000000000000000000000000000abc"}};
  const ByteBuffer bytes = encode_sums(sums);
  EXPECT_EQ(as_text(bytes), "0\n1\nlog 12 00000000000000000000000000000abc\n");
  EXPECT_EQ(*decode_sums(bytes), sums);
  for (const std::string_view bad : {"", "0\n", "0\n2\nlog 12 00000000000000000000000000000abc\n",
                                     "0\n1\nlog x 00000000000000000000000000000abc\n"}) {
    EXPECT_FALSE(decode_sums(as_bytes(bad)).ok()) << bad;
  }
  // XXH3-128 of the empty input, from the xxHash specification.
  test::MemoryFileSystem fs;
  fs.set_content("/data/00000000000000000005.log", {});
  EXPECT_EQ(sum_file(fs, "/data", 5, ".log")->digest, "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace horolog
