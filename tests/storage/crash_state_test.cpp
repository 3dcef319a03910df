#include <gtest/gtest.h>

#include <random>

#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// Random work, a power cut at a random moment, and what a start makes of every kind of half-written
// state: the log must be a prefix of what was appended and hold everything that was committed.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;
using test::MemoryFileSystem;
using test::read_records;

using Records = std::vector<std::pair<Offset, std::string>>;

class CrashRun {
 public:
  explicit CrashRun(std::uint64_t seed)
      : random_(seed), fs_(std::make_unique<MemoryFileSystem>()) {}

  void run(int crashes) {
    for (int i = 0; i < crashes && !::testing::Test::HasFatalFailure(); ++i) life();
  }

 private:
  void life() {
    LogKit kit(*fs_);
    kit.config.segment_bytes = 3'000;
    kit.config.index_interval_bytes = 400;
    kit.persisted_log_start = log_start_;
    auto opened = kit.try_open(false, recovery_point_);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    kit.loaded = std::move(*opened);
    PartitionLog& log = kit.log();
    ASSERT_GE(log.log_end_offset(), committed_);
    ASSERT_EQ(log.log_start_offset(), std::max(log_start_, log.log_start_offset()));
    check_prefix(log);
    appended_.resize(static_cast<std::size_t>(log.log_end_offset()));
    // What a start has served is as good as committed.
    committed_ = log.durable_offset();
    for (std::uint64_t step = random_() % 40; step > 0; --step) work(kit);
    kit.loaded.log.reset();
    // Sometimes only the process dies: then a later power cut must not take what a start has found
    // in the page cache and served.
    if (random_() % 3 != 0) fs_ = fs_->crash(random_);
  }

  void check_prefix(const PartitionLog& log) {
    const Offset start = log.log_start_offset();
    const Records found = read_records(log, start);
    ASSERT_EQ(start + static_cast<Offset>(found.size()), log.log_end_offset());
    for (const auto& [offset, value] : found) {
      ASSERT_EQ(value, appended_[static_cast<std::size_t>(offset)]) << "at offset " << offset;
    }
  }

  void work(LogKit& kit) {
    PartitionLog& log = kit.log();
    switch (random_() % 12) {
      case 0:
      case 1: {
        ASSERT_TRUE(log.commit().ok());
        committed_ = log.durable_offset();
        break;
      }
      case 2: ASSERT_TRUE(log.prepare().ok()); break;
      case 3: ASSERT_TRUE(log.checkpoint().ok()); break;
      case 4: recovery_point_ = log.durable_offset(); break;
      case 5:
        if (random_() % 8 == 0) {
          const Offset low = log.log_start_offset();
          const Offset target =
              low + static_cast<Offset>(
                        random_() % static_cast<std::uint64_t>(log.high_watermark() - low + 1));
          ASSERT_TRUE(log.delete_records(target, now_).ok());
          log_start_ = kit.persisted_log_start;
          committed_ = log.durable_offset();
        }
        break;
      default: {
        const std::string::value_type fill = static_cast<char>('a' + random_() % 26);
        const test::BatchSpec spec{.records = 1 + static_cast<int>(random_() % 3),
                                   .value_bytes = 1 + random_() % 500,
                                   .timestamp = ++now_,
                                   .fill = fill};
        const AppendInfo info = kit.append(spec, now_);
        ASSERT_EQ(info.base_offset, static_cast<Offset>(appended_.size()));
        for (int i = 0; i < spec.records; ++i) {
          appended_.emplace_back(spec.value_bytes, fill);
        }
      }
    }
  }

  std::mt19937_64 random_;
  std::unique_ptr<MemoryFileSystem> fs_;
  std::vector<std::string> appended_;
  Offset committed_ = 0;
  Offset recovery_point_ = 0;
  Offset log_start_ = 0;
  TimestampMs now_ = 1'000;
};

TEST(CrashStateTest, EveryStartFindsAPrefixWithAllThatWasCommitted) {
  const std::uint64_t seed = test::test_seed(20'261'122);
  for (int round = 0; round < test::test_rounds(60) && !HasFatalFailure(); ++round) {
    SCOPED_TRACE(round);
    CrashRun(seed + static_cast<std::uint64_t>(round)).run(25);
  }
}

}  // namespace
}  // namespace horolog
