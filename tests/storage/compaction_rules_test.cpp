#include "tests/storage/compaction_fixture.hpp"

// What configurations, retention and failures do to a clean.
namespace horolog::storage {
namespace {

TEST_F(CompactionTest, TombstonesGoAfterDeleteRetentionMs) {
  kit.config.delete_retention_ms = 1'000;
  kit.open();
  append({.records = {{"a", "1"}, {"b", "1"}}});
  append({.records = {{"a", std::nullopt}}});
  const auto filler = [&] {
    for (int i = 0; i < 2; ++i) append({.records = {{"filler", std::string(1'500, 'f')}}});
    ASSERT_TRUE(kit.log().commit().ok());
  };
  const auto tombstones = [&] {
    int count = 0;
    for (const SeenRecord& record : read_keyed(kit.log())) count += record.value ? 0 : 1;
    return count;
  };
  filler();
  clean({}, now);
  EXPECT_EQ(tombstones(), 1);
  EXPECT_EQ(last_values(read_keyed(kit.log())).count("a"), 0U);
  filler();
  clean({}, now + 999);
  EXPECT_EQ(tombstones(), 1);
  filler();
  clean({}, now + 1'000);
  EXPECT_EQ(tombstones(), 0);
  EXPECT_EQ(last_values(read_keyed(kit.log())).count("b"), 1U);
}

TEST_F(CompactionTest, LagsBoundWhatIsCleanedAndWhen) {
  kit.config.min_compaction_lag_ms = 1'000;
  kit.open();
  for (int i = 0; i < 30; ++i) append({.records = {{"a", std::string(300, 'v')}}}, now + i * 10);
  ASSERT_TRUE(kit.log().commit().ok());
  EXPECT_EQ(kit.log().cleanable(now + 999)->dirty_bytes, 0U);
  const auto some = kit.log().cleanable(now + 1'100).value();
  EXPECT_GT(some.dirty_bytes, 0U);
  EXPECT_LT(some.to, kit.log().cleanable(now + 2'000)->to);
  EXPECT_FALSE(some.overdue);
  auto config = std::make_shared<LogConfig>(kit.config);
  config->min_compaction_lag_ms = 0;
  config->max_compaction_lag_ms = 5'000;
  kit.log().set_config(config);
  // Record timestamps are 1000.
  EXPECT_FALSE(kit.log().cleanable(6'000)->overdue);
  EXPECT_TRUE(kit.log().cleanable(6'001)->overdue);
}

TEST_F(CompactionTest, MaxCompactionLagClosesTheActiveSegment) {
  kit.config.max_compaction_lag_ms = 500;
  kit.open();
  append({.records = {{"a", "1"}}, .timestamp = 1'000});
  append({.records = {{"a", "2"}}, .timestamp = 1'400});
  EXPECT_EQ(kit.log().segment_count(), 1U);
  append({.records = {{"a", "3"}}, .timestamp = 1'501});
  EXPECT_EQ(kit.log().segment_count(), 2U);
}

TEST_F(CompactionTest, SegmentsThatAreEmptiedDoNotHideWhatIsAroundThem) {
  kit.config.segment_bytes = 400;
  kit.open();
  for (int i = 0; i < 20; ++i) append({.records = {{"a", std::string(200, 'v')}}});
  append({.records = {{"b", std::string(200, 'v')}}});
  append({.records = {{"a", std::string(200, 'w')}}});
  append({.records = {{"c", std::string(200, 'v')}}});
  append({.records = {{"d", std::string(200, 'v')}}});
  ASSERT_TRUE(kit.log().commit().ok());
  const auto before = read_keyed(kit.log());
  clean();
  clean({}, now);
  expect_same_view(before, read_keyed(kit.log()));
  EXPECT_EQ(kit.log().log_start_offset(), 0);
  EXPECT_EQ(kit.log().find_by_time(0)->offset, read_keyed(kit.log()).front().offset);
  const auto seen = read_keyed(kit.log());
  ASSERT_TRUE(kit.log().close().ok());
  kit.open(true);
  EXPECT_EQ(read_keyed(kit.log()), seen);
  kit.open(false, 0);
  EXPECT_EQ(read_keyed(kit.log()), seen);
  ASSERT_TRUE(kit.log().delete_records(kit.log().log_end_offset() - 1, now).ok());
  EXPECT_EQ(kit.log().segment_count(), 1U);
}

TEST_F(CompactionTest, RetentionAndDeleteRecordsBesideCompaction) {
  kit.config.cleanup_delete = true;
  kit.config.retention_ms = 1'000;
  kit.open();
  std::mt19937_64 random(test::test_seed(7));
  append_random(random, 100, 10);
  ASSERT_TRUE(kit.log().delete_records(50, now).ok());
  EXPECT_GE(kit.log().cleanable(now)->from, 50);
  const auto before = read_keyed(kit.log(), 50);
  clean();
  expect_same_view(before, read_keyed(kit.log(), 50));
  EXPECT_EQ(kit.log().log_start_offset(), 50);
  EXPECT_EQ(kit.log().apply_retention(now + 1'000).value(), 0U);
  EXPECT_GT(kit.log().apply_retention(now + 1'001).value(), 0U) << "age outlives a clean";
  EXPECT_EQ(kit.log().log_start_offset(), kit.log().log_end_offset());
}

TEST_F(CompactionTest, ACleanThatLosesItsSegmentsToRetentionStops) {
  kit.open();
  std::mt19937_64 random(test::test_seed(8));
  append_random(random, 100, 10);
  const Offset end = kit.log().log_end_offset();
  CleanOptions options;
  int calls = 0;
  options.pace = [&](std::uint64_t) -> Status {
    if (calls++ > 0) return {};
    return kit.log().delete_records(end - 1, now).ok() ? Status() : Error(Errc::io, "");
  };
  // More than the megabyte after which pace is asked.
  kit.config.segment_bytes = 1 << 20;
  kit.log().set_config(std::make_shared<LogConfig>(kit.config));
  for (int i = 0; i < 6; ++i) append({.records = {{"big", std::string(400'000, 'b')}}});
  ASSERT_TRUE(kit.log().commit().ok());
  const CleanOutcome outcome = clean(options);
  EXPECT_GT(calls, 0);
  EXPECT_FALSE(outcome.complete);
  for (const std::string& name : names()) {
    EXPECT_FALSE(name.ends_with(".cleaned") || name.ends_with(".swap")) << name;
  }
  EXPECT_EQ(read_keyed(kit.log(), end - 1).back().value, std::string(400'000, 'b'));
}

TEST_F(CompactionTest, WhatPaceSaysEndsTheClean) {
  kit.config.segment_bytes = 1 << 20;
  kit.open();
  for (int i = 0; i < 6; ++i) append({.records = {{"big", std::string(400'000, 'b')}}});
  ASSERT_TRUE(kit.log().commit().ok());
  const auto before = read_keyed(kit.log());
  CleanOptions options;
  options.pace = [](std::uint64_t) -> Status { return Error(Errc::cancelled, "enough"); };
  EXPECT_EQ(kit.log().clean(options, now).error().code(), Errc::cancelled);
  options = {};
  options.free_bytes = 1'000;
  EXPECT_EQ(kit.log().clean(options, now).error().code(), Errc::disk_full);
  EXPECT_EQ(read_keyed(kit.log()), before);
  EXPECT_EQ(kit.log().cleaned_offset(), 0);
}

TEST_F(CompactionTest, ProducersAreKnownFromACompactedLogAlone) {
  kit.open();
  append({.records = {{"a", "1"}}, .producer_id = 1, .sequence = 0});
  append({.records = {{"a", "2"}}, .producer_id = 1, .sequence = 1});
  append({.records = {{"a", std::string(1'500, 'v')}}, .producer_id = 2, .sequence = 0});
  append({.records = {{"a", std::string(1'500, 'v')}}});
  ASSERT_TRUE(kit.log().commit().ok());
  clean();
  kit.loaded.log.reset();
  for (const std::string& name : names()) {
    if (name.ends_with(".snapshot") || name.ends_with(".producers")) {
      ASSERT_TRUE(fs.remove("/data/t-0/" + name).ok());
    }
  }
  kit.open(false, 0);
  const auto next = kit.log().append(
      make_keyed({.records = {{"a", "3"}}, .producer_id = 1, .sequence = 2}), Origin::client, now);
  EXPECT_EQ(next->error, wire::ErrorCode::none);
  const auto wrong = kit.log().append(
      make_keyed({.records = {{"a", "3"}}, .producer_id = 2, .sequence = 7}), Origin::client, now);
  EXPECT_EQ(wrong->error, wire::ErrorCode::out_of_order_sequence_number);
}

TEST_F(CompactionTest, AppendsAndCommitsGoOnAfterTheirSegmentWasReplaced) {
  kit.config.segment_bytes = 500;
  kit.open();
  append({.records = {{"a", std::string(400, 'v')}}});
  ASSERT_TRUE(kit.log().commit().ok());
  // The high watermark stands at the end of the first segment; the second one is not committed.
  append({.records = {{"a", std::string(400, 'w')}}});
  const CleanOutcome outcome = clean();
  EXPECT_EQ(outcome.segments_before, 1U);
  const auto read = kit.log().read(0, 1 << 20, Visibility::high_watermark);
  ASSERT_TRUE(read.ok()) << read.error().message();
  ASSERT_TRUE(kit.log().commit().ok());
  EXPECT_EQ(read_keyed(kit.log()).back().value, std::string(400, 'w'));
}

TEST_F(CompactionTest, ADamagedBatchFailsTheCleanAndChangesNothing) {
  kit.open();
  std::mt19937_64 random(test::test_seed(9));
  append_random(random, 60, 10);
  ASSERT_TRUE(kit.log().checkpoint().ok());
  const std::string name = "/data/t-0/00000000000000000000.log";
  ByteBuffer bytes = fs.content(name);
  bytes[70] ^= std::byte{1};
  fs.set_content(name, bytes);
  EXPECT_EQ(kit.log().clean({}, now).error().code(), Errc::corrupt);
  for (const std::string& file : names()) EXPECT_FALSE(file.ends_with(".cleaned")) << file;
}

}  // namespace
}  // namespace horolog::storage
