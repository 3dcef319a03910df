#include "tests/storage/compaction_fixture.hpp"

// Whole cleans of a log: what stays, what a reader sees, what a restart finds.
namespace horolog::storage {
namespace {

TEST_F(CompactionTest, KeepsTheLastRecordOfEachKeyAndLeavesTheActiveSegmentAlone) {
  kit.open();
  std::mt19937_64 random(test::test_seed(2));
  append_random(random, 200, 10);
  const auto before = read_keyed(kit.log());
  const Offset end = kit.log().log_end_offset();
  const std::size_t segments = kit.log().segment_count();
  ASSERT_GT(segments, 4U);
  const CleanOutcome outcome = clean();
  EXPECT_TRUE(outcome.complete);
  EXPECT_EQ(outcome.segments_before, segments - 1);
  EXPECT_LT(outcome.bytes_after, outcome.bytes_before);
  EXPECT_EQ(kit.log().cleaned_offset(), outcome.to);
  const auto after = read_keyed(kit.log());
  expect_same_view(before, after);
  EXPECT_LT(after.size(), before.size() / 2);
  std::map<std::string, int> below;
  for (const SeenRecord& record : after) {
    if (record.offset >= outcome.to) continue;
    EXPECT_EQ(++below[*record.key], 1) << *record.key;
  }
  EXPECT_EQ(kit.log().log_start_offset(), 0);
  EXPECT_EQ(kit.log().log_end_offset(), end);
  EXPECT_EQ(clean().bytes_read, 0U) << "nothing is dirty";
  // What was left small is merged by the next clean.
  append_random(random, 20, 10);
  EXPECT_LT(clean().segments_after, outcome.segments_after / 2);
}

TEST_F(CompactionTest, TheLogKnowsFromWhereItIsComplete) {
  kit.open();
  std::mt19937_64 random(test::test_seed(10));
  append_random(random, 60, 4);
  const Offset end = kit.log().log_end_offset();
  for (Offset from = 0; from <= end; ++from) EXPECT_TRUE(*kit.log().is_complete_from(from));
  const Offset cleaned = clean().to;
  std::set<Offset> there;
  for (const SeenRecord& record : read_keyed(kit.log())) there.insert(record.offset);
  for (Offset from = end; from >= 0; --from) {
    const bool complete = std::distance(there.lower_bound(from), there.end()) == end - from;
    // Within a batch it may say no where it could say yes.
    EXPECT_TRUE(complete || !*kit.log().is_complete_from(from)) << from << " of " << end;
    EXPECT_TRUE(from < cleaned || *kit.log().is_complete_from(from)) << from << " of " << end;
  }
}

TEST_F(CompactionTest, ReadsFindTheNextRecordFromEveryOffsetAndWithEverySize) {
  kit.open();
  std::mt19937_64 random(test::test_seed(3));
  append_random(random, 120, 8);
  clean();
  const auto all = read_keyed(kit.log());
  for (Offset from = 0; from <= kit.log().log_end_offset(); ++from) {
    std::vector<SeenRecord> expected;
    for (const auto& record : all) {
      if (record.offset >= from) expected.push_back(record);
    }
    EXPECT_EQ(read_keyed(kit.log(), from, 1), expected) << from;
    EXPECT_EQ(read_keyed(kit.log(), from, 300), expected) << from;
  }
}

TEST_F(CompactionTest, ALogComesBackAfterEveryKindOfStop) {
  std::mt19937_64 random(test::test_seed(4));
  kit.open();
  for (int round = 0; round < 6; ++round) {
    append_random(random, 60, 12);
    clean();
    const auto before = read_keyed(kit.log());
    const Offset end = kit.log().log_end_offset();
    if (round % 3 == 0) {
      ASSERT_TRUE(kit.log().close().ok());
      kit.open(true);
    } else {
      // Below, at and above what compaction has rewritten.
      kit.open(false, round % 3 == 1 ? 0 : end);
      EXPECT_EQ(kit.loaded.cut_bytes, 0U);
    }
    EXPECT_EQ(read_keyed(kit.log()), before) << "round " << round;
    EXPECT_EQ(kit.log().log_end_offset(), end);
  }
}

TEST_F(CompactionTest, TheEndIsKnownWhenTheSegmentBehindIsLost) {
  kit.open();
  for (int i = 0; i < 40; ++i) {
    append({.records = {{"a", std::string(100, 'v')}, {"b", std::string(100, 'v')}}});
  }
  append({.records = {{"a", std::string(1'900, 'v')}, {"b", "v"}}});
  ASSERT_TRUE(kit.log().commit().ok());
  const CleanOutcome outcome = clean();
  const Offset active = outcome.to;
  kit.loaded.log.reset();
  char name[64];
  std::snprintf(name, sizeof name, "/data/t-0/%020lld.log", static_cast<long long>(active));
  ASSERT_TRUE(fs.remove(name).ok());
  kit.open(false, active);
  EXPECT_EQ(kit.log().log_end_offset(), active);
  // It goes on in the compacted segment, and that survives another crash.
  append({.records = {{"c", "1"}}});
  ASSERT_TRUE(kit.log().commit().ok());
  const auto before = read_keyed(kit.log());
  kit.open(false, active);
  EXPECT_EQ(kit.loaded.cut_bytes, 0U);
  EXPECT_EQ(read_keyed(kit.log()), before);
}

TEST_F(CompactionTest, ATinyMapTakesSeveralPasses) {
  std::mt19937_64 random(test::test_seed(5));
  kit.open();
  append_random(random, 150, 40);
  const auto before = read_keyed(kit.log());
  CleanOptions options;
  options.map_bytes = map_bytes_for(7);
  int passes = 0;
  Offset cleaned = 0;
  while (true) {
    const CleanOutcome outcome = clean(options);
    EXPECT_LE(outcome.map_memory_bytes, options.map_bytes);
    expect_same_view(before, read_keyed(kit.log()));
    if (outcome.complete) break;
    ASSERT_GT(outcome.to, cleaned);
    cleaned = outcome.to;
    ASSERT_LT(++passes, 1'000);
  }
  EXPECT_GT(passes, 3);
  std::map<std::string, int> below;
  for (const SeenRecord& record : read_keyed(kit.log())) {
    if (record.offset >= kit.log().cleaned_offset()) continue;
    EXPECT_EQ(++below[*record.key], 1);
  }
}

TEST_F(CompactionTest, AReaderThatStartedBeforeSeesTheOldLog) {
  kit.config.file_delete_delay_ms = 0;
  kit.open();
  std::mt19937_64 random(test::test_seed(6));
  append_random(random, 100, 5);
  const auto old = kit.log().read(0, 1 << 20, Visibility::log_end).value();
  std::vector<ByteBuffer> before;
  for (const Slice& slice : old.slices) before.push_back(test::bytes_of(slice));
  clean();
  ASSERT_TRUE(kit.log().purge_deleted(now + 1).ok());
  for (const std::string& name : names()) EXPECT_FALSE(name.ends_with(".deleted")) << name;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(test::bytes_of(old.slices[i]), before[i]);
  }
}

TEST_F(CompactionTest, OldFilesWaitForTheirDelayAlsoWhenTheSameSegmentIsReplacedTwice) {
  kit.open();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 30; ++i) append({.records = {{"a", std::string(200, 'v')}}});
    ASSERT_TRUE(kit.log().commit().ok());
    clean();
  }
  std::size_t first_segments = 0;
  for (const std::string& name : names()) {
    if (name.starts_with("00000000000000000000.log") && name.ends_with(".deleted")) {
      ++first_segments;
    }
  }
  EXPECT_EQ(first_segments, 3U);
  ASSERT_TRUE(kit.log().purge_deleted(now + kit.config.file_delete_delay_ms).ok());
  for (const std::string& name : names()) EXPECT_FALSE(name.ends_with(".deleted")) << name;
}

}  // namespace
}  // namespace horolog::storage
