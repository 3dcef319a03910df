#include "broker/cleaner.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "record/builder.hpp"
#include "record/record.hpp"
#include "test_broker.hpp"

// Which log is compacted, when, and what its topic's configuration has to do with it.
namespace horolog::broker {
namespace {

constexpr TimestampMs now = 1'700'000'000'000;

storage::LogConfig small_segments() {
  storage::LogConfig config;
  config.segment_bytes = 4'000;
  return config;
}

class CleanerTest : public ::testing::Test {
 protected:
  storage::PartitionLog& log(const std::string& topic) {
    return broker_.context().partitions.find(topic, 0)->log();
  }
  /// `rounds` times the same three keys.
  void fill(const std::string& topic, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      record::BatchBuilder builder;
      for (const char* key : {"a", "b", "c"}) {
        builder.add(as_bytes(key), as_bytes(std::string(200, 'v')), now);
      }
      const auto batch = builder.build().value();
      ASSERT_TRUE(log(topic).append(batch, storage::Origin::coordinator, now).ok());
    }
    ASSERT_TRUE(log(topic).commit().ok());
  }
  std::size_t records(const std::string& topic) {
    std::size_t count = 0;
    ByteBuffer scratch;
    const auto read = log(topic).read(0, 1 << 24, storage::Visibility::log_end).value();
    for (const auto& slice : read.slices) {
      ByteBuffer bytes(slice.size());
      EXPECT_EQ(slice.read(0, bytes).value(), bytes.size());
      for (record::BatchIterator it(bytes); it.next();) {
        count += static_cast<std::size_t>(it.batch().record_count());
      }
    }
    return count;
  }

  TestBroker broker_{small_segments()};
  Cleaner cleaner_{broker_.context()};
};

TEST_F(CleanerTest, CompactsTheDirtiestLogFirstAndOnlyCompactedTopics) {
  broker_.create("kept", 1, {{"cleanup.policy", "delete"}});
  broker_.create("few", 1, {{"cleanup.policy", "compact"}});
  broker_.create("many", 1, {{"cleanup.policy", "compact,delete"}});
  fill("kept", 60);
  fill("few", 60);
  fill("many", 60);
  ASSERT_TRUE(cleaner_.clean_one());
  ASSERT_TRUE(cleaner_.clean_one());
  EXPECT_FALSE(cleaner_.clean_one());
  // Half of one is dirty again, nearly all of the other.
  fill("few", 2);
  fill("many", 60);
  const Offset few = log("few").cleaned_offset();
  const Offset many = log("many").cleaned_offset();
  ASSERT_TRUE(cleaner_.clean_one());
  EXPECT_GT(log("many").cleaned_offset(), many);
  EXPECT_EQ(log("few").cleaned_offset(), few);
  EXPECT_EQ(records("kept"), 180U);
  EXPECT_LT(records("many"), 60U);
  EXPECT_EQ(broker_.context().cleaner_metrics.cleans.value(), 3U);
  EXPECT_GT(broker_.context().cleaner_metrics.bytes_before.value(),
            broker_.context().cleaner_metrics.bytes_after.value());
}

TEST_F(CleanerTest, TheDirtyRatioDecides) {
  broker_.create("t", 1, {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "1"}});
  fill("t", 60);
  EXPECT_FALSE(cleaner_.clean_one()) << "not more than all of it";
  auto config = std::make_shared<storage::LogConfig>(*log("t").config());
  config->min_cleanable_dirty_ratio = 0.9;
  log("t").set_config(config);
  EXPECT_TRUE(cleaner_.clean_one());
}

TEST_F(CleanerTest, MaxCompactionLagOverridesTheDirtyRatio) {
  broker_.create("t", 1,
                 {{"cleanup.policy", "compact"},
                  {"min.cleanable.dirty.ratio", "1"},
                  {"max.compaction.lag.ms", "1000"}});
  // Its records are years old by their timestamps.
  fill("t", 60);
  EXPECT_TRUE(cleaner_.clean_one());
}

TEST_F(CleanerTest, APolicyThatIsSwitchedOnLiveCompactsWhatIsThere) {
  broker_.create("t", 1, {{"cleanup.policy", "delete"}});
  fill("t", 60);
  EXPECT_FALSE(cleaner_.clean_one());
  auto config = std::make_shared<storage::LogConfig>(*log("t").config());
  config->cleanup_compact = true;
  log("t").set_config(config);
  EXPECT_TRUE(cleaner_.clean_one());
  config = std::make_shared<storage::LogConfig>(*config);
  config->cleanup_compact = false;
  log("t").set_config(config);
  fill("t", 60);
  EXPECT_FALSE(cleaner_.clean_one());
}

TEST_F(CleanerTest, ALogThatFailsIsLeftAloneAndOthersGoOn) {
  broker_.create("bad", 1, {{"cleanup.policy", "compact"}});
  broker_.create("good", 1, {{"cleanup.policy", "compact"}});
  fill("bad", 80);
  fill("good", 60);
  const auto path = broker_.directory() / "data" / "bad-0" / "00000000000000000000.log";
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(file, 0);
  ASSERT_EQ(::pwrite(file, "damage", 6, 100), 6);
  ::close(file);
  while (log("good").cleaned_offset() == 0) cleaner_.clean_one();
  EXPECT_FALSE(cleaner_.clean_one());
  EXPECT_EQ(log("bad").cleaned_offset(), 0);
  EXPECT_EQ(broker_.context().cleaner_metrics.uncleanable.value(), 1);
  EXPECT_EQ(broker_.context().cleaner_metrics.failures.value(), 1U);
}

TEST_F(CleanerTest, ItsThreadWorksAndStops) {
  BrokerConfig config;
  config.cleaner.backoff_ms = 1;
  config.cleaner.io_max_bytes_per_second = 100 << 20;
  broker_.context().set_config(std::make_shared<const BrokerConfig>(config));
  broker_.create("t", 1, {{"cleanup.policy", "compact"}});
  cleaner_.start();
  fill("t", 60);
  while (log("t").cleaned_offset() == 0) std::this_thread::yield();
  cleaner_.stop();
  EXPECT_LT(records("t"), 60U);
}

}  // namespace
}  // namespace horolog::broker
