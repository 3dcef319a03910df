#include <gtest/gtest.h>

#include <random>

#include "tests/support/compaction_kit.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/memory_file.hpp"

// The process or the power stops after every file operation of a clean, and of the start that
// follows: what a reader finds is the log before the clean, after it, or between, never less.
namespace horolog::storage {
namespace {

using test::FaultyFileSystem;
using test::KeyedBatch;
using test::LogKit;
using test::MemoryFileSystem;
using test::Op;
using test::read_keyed;
using test::SeenRecord;

constexpr TimestampMs now = 10'000'000;

void configure(LogKit& kit) {
  kit.config.cleanup_compact = true;
  kit.config.segment_bytes = 1'500;
  kit.config.index_interval_bytes = 200;
  kit.config.delete_retention_ms = 0;
}

/// Three rounds of appends with a clean after each but the last, all from one seed.
void write_history(LogKit& kit, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  kit.open();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 14; ++i) {
      KeyedBatch spec;
      for (int n = 0; n < 3; ++n) {
        const std::string key = "key-" + std::to_string(random() % 6);
        spec.records.push_back({key, std::string(20 + random() % 80, 'a')});
        if (random() % 6 == 0) spec.records.back().value.reset();
      }
      spec.producer_id = static_cast<ProducerId>(round);
      spec.sequence = i * 3;
      ASSERT_TRUE(kit.log().append(make_keyed(spec), Origin::client, now).ok());
    }
    ASSERT_TRUE(kit.log().commit().ok());
    if (round < 2) {
      const auto cleaned = kit.log().clean({}, now + round);
      ASSERT_TRUE(cleaned.ok()) << cleaned.error().message();
      ASSERT_TRUE(kit.log().purge_deleted(now + 100'000'000).ok());
    }
  }
}

struct Before {
  std::vector<SeenRecord> records;
  Offset end = 0;
};

void expect_sound(PartitionLog& log, const Before& before) {
  EXPECT_EQ(log.log_start_offset(), 0);
  EXPECT_EQ(log.log_end_offset(), before.end);
  const auto after = read_keyed(log);
  EXPECT_EQ(last_values(before.records), last_values(after));
  std::size_t at = 0;
  for (const SeenRecord& record : after) {
    while (at < before.records.size() && before.records[at].offset < record.offset) ++at;
    ASSERT_LT(at, before.records.size());
    ASSERT_EQ(before.records[at], record);
  }
}

/// Opens what a crash left, twice, and compacts it to its end.
void check(MemoryFileSystem& fs, const Before& before, Offset recovery_point) {
  LogKit kit(fs);
  configure(kit);
  auto opened = kit.try_open(false, recovery_point);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  EXPECT_EQ(opened->cut_bytes, 0U);
  kit.loaded = std::move(*opened);
  expect_sound(kit.log(), before);
  for (const std::string& name : fs.files()) {
    EXPECT_FALSE(name.ends_with(".cleaned") || name.ends_with(".swap")) << name;
  }
  const auto cleaned = kit.log().clean({}, now + 10);
  ASSERT_TRUE(cleaned.ok()) << cleaned.error().message();
  expect_sound(kit.log(), before);
  ASSERT_TRUE(kit.log().close().ok());
  kit.open(true);
  expect_sound(kit.log(), before);
}

/// Stops the start after its n-th operation too, for every n, then starts for good.
void check_start(const MemoryFileSystem& fs, const Before& before, std::mt19937_64& random) {
  for (int nth = 1;; ++nth) {
    const auto left = fs.copy();
    FaultyFileSystem faulty(*left);
    LogKit kit(faulty);
    configure(kit);
    faulty.set_fault({.op = Op::any, .nth = nth, .lasting = true});
    auto opened = kit.try_open(false, 0);
    if (!faulty.struck()) return;
    SCOPED_TRACE("stop of the start at operation " + std::to_string(nth));
    opened = Error(Errc::cancelled, "");
    check(*left->crash(random), before, 0);
    check(*left, before, before.end);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(CompactionCrashTest, AStopAfterEveryOperationLeavesTheLogWhole) {
  std::mt19937_64 random(test::test_seed(21));
  int stops = 0;
  for (int round = 0; round < test::test_rounds(1); ++round) {
    const std::uint64_t seed = random();
    for (int nth = 1;; ++nth) {
      MemoryFileSystem fs;
      FaultyFileSystem faulty(fs);
      LogKit kit(faulty);
      configure(kit);
      write_history(kit, seed);
      const Before before{.records = read_keyed(kit.log()), .end = kit.log().log_end_offset()};
      faulty.set_fault({.op = Op::any, .nth = nth, .lasting = true});
      const auto cleaned = kit.log().clean({}, now + 5);
      if (!faulty.struck()) break;
      ++stops;
      SCOPED_TRACE("seed " + std::to_string(seed) + ", stop at operation " + std::to_string(nth));
      check(*fs.copy(), before, before.end);
      check(*fs.copy(), before, 0);
      for (int i = 0; i < 3; ++i) check(*fs.crash(random), before, before.end);
      if (nth % 5 == 0) check_start(fs, before, random);
      // The process lives on and the disk is well again.
      faulty.clear_fault();
      expect_sound(kit.log(), before);
      if (HasFailure()) return;
    }
  }
  std::cout << stops << " stops\n";
  EXPECT_GT(stops, 40);
}

TEST(CompactionCrashTest, AFailedOperationIsToldAndTheLogGoesOn) {
  std::mt19937_64 random(test::test_seed(22));
  const std::uint64_t seed = random();
  for (int nth = 1;; ++nth) {
    MemoryFileSystem fs;
    FaultyFileSystem faulty(fs);
    LogKit kit(faulty);
    configure(kit);
    write_history(kit, seed);
    const Before before{.records = read_keyed(kit.log()), .end = kit.log().log_end_offset()};
    // A failed sync of what was appended is another matter.
    ASSERT_TRUE(kit.log().checkpoint().ok());
    faulty.set_fault({.op = Op::any, .nth = nth});
    const auto cleaned = kit.log().clean({}, now + 5);
    if (!faulty.struck()) break;
    SCOPED_TRACE("failure of operation " + std::to_string(nth));
    expect_sound(kit.log(), before);
    EXPECT_FALSE(cleaned.ok());
    ASSERT_TRUE(
        kit.log().append(test::make_keyed({.records = {{"new", "1"}}}), Origin::client, now).ok());
    ASSERT_TRUE(kit.log().commit().ok());
    const auto grown = read_keyed(kit.log());
    kit.open(false, 0);
    EXPECT_EQ(read_keyed(kit.log()).back(), grown.back());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace horolog::storage
