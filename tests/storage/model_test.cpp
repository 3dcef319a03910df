#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/log_kit.hpp"
#include "tests/support/memory_file.hpp"

// Random operations on a log and on the simplest thing that could be one: a vector.
namespace horolog {
namespace {

using namespace storage;
using test::LogKit;

struct ModelRecord {
  std::string value;
  TimestampMs timestamp = 0;
};

class ModelRun {
 public:
  explicit ModelRun(std::uint64_t seed) : random_(seed) {
    kit_.config.segment_bytes = 2'000 + static_cast<std::int64_t>(random_() % 6'000);
    kit_.config.index_interval_bytes = 100 + static_cast<std::int64_t>(random_() % 900);
    kit_.config.retention_ms = -1;
    kit_.config.file_delete_delay_ms = 0;
    kit_.config.durability = random_() % 4 == 0 ? Durability::os : Durability::commit;
    kit_.options.segments = std::make_shared<SegmentCache>(1 + random_() % 4);
    kit_.open();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  PartitionLog& log() { return kit_.log(); }

  void step() {
    switch (below(16)) {
      case 0: reopen(); break;
      case 1: ASSERT_TRUE(log().commit().ok()); break;
      case 2: ASSERT_TRUE(log().checkpoint().ok()); break;
      case 3: ASSERT_TRUE(log().prepare().ok()); break;
      case 4: delete_or_retain(); break;
      case 5:
      case 6: check_time(); break;
      case 7:
      case 8:
      case 9: check_read(); break;
      default: append();
    }
    check_offsets();
  }

  void append() {
    const test::BatchSpec spec{.records = 1 + static_cast<int>(below(4)),
                               .value_bytes = 1 + below(300),
                               .timestamp = 1'000 + static_cast<TimestampMs>(below(5'000)),
                               .timestamp_step = static_cast<TimestampMs>(below(3)),
                               .codec = static_cast<record::Codec>(below(record::codec_count)),
                               .fill = static_cast<char>('a' + below(26))};
    const AppendInfo info = kit_.append(spec, ++now_);
    ASSERT_EQ(info.base_offset, static_cast<Offset>(model_.size()));
    for (int i = 0; i < spec.records; ++i) {
      model_.push_back({std::string(spec.value_bytes, spec.fill),
                        spec.timestamp + i * spec.timestamp_step});
    }
  }

  void reopen() {
    const bool clean = below(2) == 0;
    const Offset recovery_point =
        clean ? 0 : static_cast<Offset>(below(static_cast<std::uint64_t>(log().durable_offset()) +
                                              1));
    if (clean) {
      ASSERT_TRUE(log().close().ok());
    }
    // A recovery point below the log start may be all that is known; the first segment is then it.
    kit_.open(clean, recovery_point);
    ASSERT_EQ(kit_.loaded.recovered, !clean && log().segment_count() > 0);
    ASSERT_EQ(log().high_watermark(), static_cast<Offset>(model_.size()));
  }

  void delete_or_retain() {
    if (below(2) == 0) {
      const Offset target = log().log_start_offset() + static_cast<Offset>(below(20));
      if (target > log().high_watermark()) return;
      ASSERT_EQ(*log().delete_records(target, now_), target);
      start_ = target;
    } else {
      LogConfig config = kit_.config;
      config.retention_bytes = 8'000;
      log().set_config(std::make_shared<LogConfig>(config));
      ASSERT_TRUE(log().apply_retention(now_).ok());
      log().set_config(std::make_shared<LogConfig>(kit_.config));
      start_ = std::max(start_, log().log_start_offset());
    }
    ASSERT_TRUE(log().purge_deleted(now_).ok());
  }

  void check_offsets() {
    ASSERT_EQ(log().log_start_offset(), start_);
    ASSERT_EQ(log().log_end_offset(), static_cast<Offset>(model_.size()));
    ASSERT_LE(log().durable_offset(), log().high_watermark());
    ASSERT_LE(log().high_watermark(), log().log_end_offset());
  }

  void check_read() {
    const Offset span = log().log_end_offset() - start_ + 1;
    const Offset from = start_ + static_cast<Offset>(below(static_cast<std::uint64_t>(span)));
    const bool all = below(2) == 0;
    const auto got =
        test::read_records(log(), from, all ? Visibility::log_end : Visibility::high_watermark,
                           below(3'000));
    const Offset end = all ? log().log_end_offset() : log().high_watermark();
    ASSERT_EQ(static_cast<Offset>(got.size()), std::max<Offset>(0, end - from));
    for (const auto& [offset, value] : got) {
      ASSERT_EQ(value, model_[static_cast<std::size_t>(offset)].value);
    }
  }

  void check_time() {
    const TimestampMs at = 900 + static_cast<TimestampMs>(below(5'200));
    const auto first = model_.begin() + start_;
    const auto last = model_.begin() + log().high_watermark();
    if (first >= last) return;
    const auto expected =
        std::find_if(first, last, [&](const ModelRecord& r) { return r.timestamp >= at; });
    const auto found = log().find_by_time(at);
    ASSERT_TRUE(found.ok()) << found.error().message();
    ASSERT_EQ(found->offset, expected == last ? no_offset : expected - model_.begin());
    const auto largest = std::max_element(first, last, [](const auto& a, const auto& b) {
      return a.timestamp < b.timestamp;
    });
    ASSERT_EQ(log().find_max_timestamp()->timestamp, largest->timestamp);
    ASSERT_EQ(log().find_max_timestamp()->offset, largest - model_.begin());
  }

  std::mt19937_64 random_;
  test::MemoryFileSystem fs_;
  LogKit kit_{fs_};
  std::vector<ModelRecord> model_;
  Offset start_ = 0;
  TimestampMs now_ = 1'000;
};

TEST(ModelTest, TheLogBehavesLikeAVector) {
  const std::uint64_t seed = test::test_seed(4'242);
  for (int round = 0; round < test::test_rounds(40) && !HasFatalFailure(); ++round) {
    SCOPED_TRACE(round);
    ModelRun(seed + static_cast<std::uint64_t>(round)).run(400);
  }
}

}  // namespace
}  // namespace horolog
