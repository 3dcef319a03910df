#include <gtest/gtest.h>

#include "storage/log_files.hpp"
#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using test::read_records;

/// Segments of three batches each, appended at times 1,000, 2,000, …
class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    kit_.config.segment_bytes = 1'100;
    kit_.config.retention_ms = 10'000;
    kit_.config.file_delete_delay_ms = 500;
    kit_.open();
    for (int i = 0; i < 12; ++i) kit_.append({.value_bytes = 250}, 1'000 * (i + 1));
    ASSERT_EQ(kit_.log().segment_count(), 4u);
    ASSERT_TRUE(kit_.log().commit().ok());
  }
  void use(const LogConfig& config) {
    kit_.log().set_config(std::make_shared<LogConfig>(config));
  }
  std::size_t deleted_files() {
    std::size_t count = 0;
    for (const std::string& path : fs_.files()) count += path.ends_with(".deleted");
    return count;
  }
  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
};

TEST_F(RetentionTest, GoesByTheTimeOfTheLastAppendNotByRecordTimestamps) {
  PartitionLog& log = kit_.log();
  EXPECT_EQ(*log.apply_retention(13'000), 0u);
  EXPECT_EQ(*log.apply_retention(13'001), 1u) << "last appended to at 3,000";
  EXPECT_EQ(log.log_start_offset(), 3);
  EXPECT_EQ(read_records(log, 3).size(), 9u);
  EXPECT_EQ(log.read(2, 100, Visibility::log_end).error().code(), Errc::out_of_range);
  // The times survive a clean stop: they are kept in the files' mtimes.
  ASSERT_TRUE(log.checkpoint().ok());
  ASSERT_TRUE(log.close().ok());
  EXPECT_EQ(*kit_.open(true, 12).apply_retention(16'000), 0u);
  EXPECT_EQ(*kit_.log().apply_retention(16'001), 1u);
}

TEST_F(RetentionTest, WhenAllSegmentsAreOldAnEmptyOneIsRolledFirst) {
  PartitionLog& log = kit_.log();
  EXPECT_EQ(*log.apply_retention(1'000'000), 4u);
  EXPECT_EQ(log.log_start_offset(), 12);
  EXPECT_EQ(log.log_end_offset(), 12);
  EXPECT_EQ(log.size_bytes(), 0u);
  EXPECT_TRUE(read_records(log, 12).empty());
  EXPECT_EQ(kit_.append({}).base_offset, 12);
  ASSERT_TRUE(log.commit().ok());
  EXPECT_EQ(read_records(kit_.open(false, 13), 12).size(), 1u);
}

TEST_F(RetentionTest, BySizeKeepsAtLeastTheBytesAskedFor) {
  LogConfig config = kit_.config;
  config.retention_ms = -1;
  config.retention_bytes = 1'500;
  use(config);
  const std::uint64_t segment = kit_.log().size_bytes() / 4;
  EXPECT_EQ(*kit_.log().apply_retention(1'000'000'000), 2u);
  EXPECT_EQ(kit_.log().size_bytes(), 2 * segment);
}

TEST_F(RetentionTest, NothingAboveTheHighWatermarkGoes) {
  for (int i = 0; i < 6; ++i) kit_.append({.value_bytes = 250}, 20'000);
  EXPECT_EQ(*kit_.log().apply_retention(1'000'000), 4u);
  EXPECT_EQ(kit_.log().log_start_offset(), 12);
}

TEST_F(RetentionTest, CompactedTopicsKeepEverything) {
  LogConfig config = kit_.config;
  config.cleanup_delete = false;
  config.cleanup_compact = true;
  use(config);
  EXPECT_EQ(*kit_.log().apply_retention(1'000'000'000), 0u);
}

TEST_F(RetentionTest, FilesGoAfterTheDelayAndSlicesOutliveThem) {
  PartitionLog& log = kit_.log();
  const auto before = log.read(0, 10'000, Visibility::high_watermark);
  ASSERT_EQ(before->slices.size(), 4u);
  const ByteBuffer expected = test::bytes_of(before->slices[0]);
  EXPECT_EQ(*log.apply_retention(13'001), 1u);
  EXPECT_GE(deleted_files(), 1u);
  EXPECT_FALSE(fs_.exists(log_files::path("/data/t-0", 0, ".log")));
  ASSERT_TRUE(log.purge_deleted(13'500).ok());
  EXPECT_GE(deleted_files(), 1u);
  ASSERT_TRUE(log.purge_deleted(13'501).ok());
  EXPECT_EQ(deleted_files(), 0u);
  EXPECT_EQ(test::bytes_of(before->slices[0]), expected);
}

TEST_F(RetentionTest, DeletedFilesOfACrashedRunAreRemovedAtTheStart) {
  EXPECT_EQ(*kit_.log().apply_retention(13'001), 1u);
  kit_.open(false, 12);
  EXPECT_EQ(deleted_files(), 0u);
  EXPECT_EQ(kit_.log().log_start_offset(), 3);
}

TEST_F(RetentionTest, DeleteRecordsRaisesTheLogStartDurably) {
  PartitionLog& log = kit_.log();
  EXPECT_EQ(*log.delete_records(7, 20'000), 7);
  EXPECT_EQ(kit_.persisted_log_start, 7);
  EXPECT_EQ(log.segment_count(), 2u) << "whole segments below go at once";
  EXPECT_EQ(read_records(log, 7).size(), 5u);
  EXPECT_EQ(log.read(6, 1, Visibility::log_end).error().code(), Errc::out_of_range);
  EXPECT_EQ(*log.delete_records(5, 20'000), 7) << "never backwards";
  EXPECT_EQ(log.delete_records(13, 20'000).error().code(), Errc::out_of_range);
  kit_.open(false, 12);
  EXPECT_EQ(kit_.log().log_start_offset(), 7);
  EXPECT_EQ(*kit_.log().delete_records(-1, 20'000), 12);
  EXPECT_EQ(kit_.append({}).base_offset, 12);
}

TEST_F(RetentionTest, AnIdlePartitionGivesItsPreparedSpaceBack) {
  PartitionLog& log = kit_.log();
  LogConfig config = kit_.config;
  config.segment_bytes = 1 << 20;
  use(config);
  for (int i = 0; i < 20; ++i) kit_.append({.value_bytes = 2'000}, 20'000);
  ASSERT_TRUE(log.prepare().ok());
  const std::string active = log_files::path("/data/t-0", 12, ".log");
  const std::size_t prepared = fs_.content(active).size();
  ASSERT_TRUE(log.apply_retention(21'000).ok());
  EXPECT_EQ(fs_.content(active).size(), prepared);
  config.retention_ms = -1;
  use(config);
  ASSERT_TRUE(log.apply_retention(80'001).ok());
  EXPECT_LT(fs_.content(active).size(), prepared);
  kit_.append({.value_bytes = 2'000}, 90'000);
  EXPECT_EQ(read_records(log, 12).size(), 21u);
}

TEST_F(RetentionTest, ADeletedLogRefusesButItsSlicesStay) {
  PartitionLog& log = kit_.log();
  const auto before = log.read(0, 500, Visibility::high_watermark);
  log.mark_deleted();
  const auto refused = log.append(test::make_batch({}), Origin::client, 1);
  EXPECT_EQ(refused.error().code(), Errc::closed);
  EXPECT_EQ(log.read(0, 500, Visibility::high_watermark).error().code(), Errc::closed);
  ASSERT_TRUE(fs_.remove_directory("/data/t-0").ok());
  EXPECT_FALSE(test::bytes_of(before->slices.at(0)).empty());
}

TEST(SegmentCacheTest, BoundsWhatIsOpenAndReopensWhenNeeded) {
  test::MemoryFileSystem fs;
  LogKit kit(fs);
  kit.config.segment_bytes = 700;
  kit.options.segments = std::make_shared<SegmentCache>(3);
  kit.open();
  for (int i = 0; i < 40; ++i) kit.append({.value_bytes = 500, .timestamp = 1'000 + i});
  ASSERT_TRUE(kit.log().commit().ok());
  ASSERT_TRUE(kit.log().checkpoint().ok());
  EXPECT_EQ(kit.log().segment_count(), 40u);
  EXPECT_LE(kit.options.segments->open_segments(), 3u);
  EXPECT_EQ(read_records(kit.log(), 0).size(), 40u);
  EXPECT_EQ(kit.log().find_by_time(1'020)->offset, 20);
  EXPECT_LE(kit.options.segments->open_segments(), 3u);
  EXPECT_EQ(kit.append({.value_bytes = 500}).base_offset, 40);
  EXPECT_EQ(read_records(kit.log(), 0).size(), 41u);
}

}  // namespace
}  // namespace horolog
