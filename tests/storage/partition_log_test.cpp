#include <gtest/gtest.h>

#include "tests/support/log_kit.hpp"

namespace horolog {
namespace {

using namespace storage;
using test::BatchSpec;
using test::LogKit;
using test::read_records;

class PartitionLogTest : public ::testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  std::unique_ptr<FileSystem> fs_ = make_posix_file_system();
  LogKit kit_{*fs_, directory_.path() + "/t-0"};
};

TEST_F(PartitionLogTest, APartitionThatWasNeverWrittenOwnsNoFiles) {
  PartitionLog& log = kit_.open();
  EXPECT_EQ(log.log_end_offset(), 0);
  EXPECT_TRUE(log.close().ok());
  EXPECT_FALSE(fs_->exists(kit_.options.directory));
}

TEST_F(PartitionLogTest, WhatWasAppendedIsReadAndBecomesVisibleWithTheCommit) {
  PartitionLog& log = kit_.open();
  EXPECT_EQ(kit_.append({.records = 3}).base_offset, 0);
  EXPECT_EQ(kit_.append({.records = 2}).base_offset, 3);
  EXPECT_EQ(log.log_end_offset(), 5);
  EXPECT_EQ(log.high_watermark(), 0);
  EXPECT_TRUE(log.dirty());
  EXPECT_TRUE(read_records(log, 0, Visibility::high_watermark).empty());
  EXPECT_EQ(read_records(log, 0).size(), 5u);
  ASSERT_TRUE(log.commit().ok());
  EXPECT_EQ(log.high_watermark(), 5);
  EXPECT_EQ(log.durable_offset(), 5);
  EXPECT_FALSE(log.dirty());
  EXPECT_EQ(read_records(log, 0, Visibility::high_watermark).size(), 5u);
  EXPECT_EQ(read_records(log, 4).size(), 1u);
  EXPECT_EQ(log.read(6, 100, Visibility::log_end).error().code(), Errc::out_of_range);
}

TEST_F(PartitionLogTest, SurvivesACleanStop) {
  kit_.open();
  for (int i = 0; i < 100; ++i) kit_.append({.records = 2, .value_bytes = 300});
  ASSERT_TRUE(kit_.log().close().ok());
  PartitionLog& log = kit_.open(true, 200);
  EXPECT_FALSE(kit_.loaded.recovered);
  EXPECT_EQ(log.log_end_offset(), 200);
  EXPECT_EQ(log.high_watermark(), 200);
  EXPECT_EQ(read_records(log, 0).size(), 200u);
  EXPECT_EQ(kit_.append({}).base_offset, 200);
}

TEST_F(PartitionLogTest, SurvivesAnUncleanStopFromAnyRecoveryPoint) {
  kit_.open();
  for (int i = 0; i < 100; ++i) kit_.append({.records = 2, .value_bytes = 300});
  ASSERT_TRUE(kit_.log().prepare().ok());
  kit_.append({});
  for (const Offset recovery_point : {0, 2, 100, 200, 201}) {
    PartitionLog& log = kit_.open(false, recovery_point);
    EXPECT_TRUE(kit_.loaded.recovered);
    EXPECT_EQ(kit_.loaded.cut_bytes, 0u);
    EXPECT_EQ(log.log_end_offset(), 201);
    EXPECT_EQ(read_records(log, 0).size(), 201u);
  }
  EXPECT_EQ(kit_.append({}).base_offset, 201);
}

TEST_F(PartitionLogTest, RollsBySizeAndReadsAcrossSegments) {
  kit_.config.segment_bytes = 4'000;
  PartitionLog& log = kit_.open();
  for (int i = 0; i < 50; ++i) kit_.append({.records = 1, .value_bytes = 500});
  EXPECT_GT(log.segment_count(), 5u);
  EXPECT_EQ(read_records(log, 0).size(), 50u);
  EXPECT_EQ(read_records(log, 17, Visibility::log_end, 1).size(), 33u);
  ASSERT_TRUE(log.commit().ok());
  ASSERT_TRUE(log.checkpoint().ok());
  EXPECT_EQ(read_records(log, 0).size(), 50u);
  for (const bool clean : {false, true}) {
    if (clean) {
      ASSERT_TRUE(kit_.log().close().ok());
    }
    EXPECT_EQ(read_records(kit_.open(clean, 50), 0).size(), 50u);
    EXPECT_EQ(kit_.loaded.recovered, !clean);
  }
}

TEST_F(PartitionLogTest, PreallocateMakesTheWholeSegmentAtOnce) {
  for (const bool whole : {false, true}) {
    LogKit kit(*fs_, directory_.path() + (whole ? "/whole-0" : "/part-0"));
    kit.config.segment_bytes = 1 << 20;
    kit.config.preallocate = whole;
    PartitionLog& log = kit.open();
    kit.append({.records = 2});
    ASSERT_TRUE(log.prepare().ok());
    const auto file = fs_->open(kit.options.directory + "/00000000000000000000.log",
                                OpenMode::read);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file)->size().value() == 1U << 20, whole);
    ASSERT_TRUE(log.close().ok());
    EXPECT_EQ((*file)->size().value(), log.size_bytes()) << "a clean stop cuts it off";
  }
}

}  // namespace
}  // namespace horolog
