#include "broker/housekeeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "base/thread_pool.hpp"
#include "broker/flusher.hpp"
#include "tests/support/faulty_file.hpp"
#include "tests/support/memory_file.hpp"
#include "tests/support/store_kit.hpp"

// The regular work over a whole log store, second by second, on disks that fail.
namespace horolog::broker {
namespace {

using test::FaultyFileSystem;
using test::Op;

/// Time as the test says it is.
class HeldClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return test::store_now + passed_ms; }
  MonoNs mono_ns() const override { return passed_ms * 1'000'000; }
  std::atomic<std::int64_t> passed_ms{0};
};

class HousekeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = std::move(test::try_open_store(fs_)).value();
    flusher_ = std::make_unique<Flusher>(*store_, clock_, pool_);
    table_ = std::make_unique<PartitionTable>(*store_, *flusher_);
    keeper_ = std::make_unique<Housekeeper>(*store_, *table_, clock_, [this] { return config_; });
  }

  storage::PartitionLog& make_topic(const std::map<std::string, std::string>& configs = {}) {
    test::create_topic(*store_, "t", 1, configs);
    table_->refresh();
    return *store_->find({"t", 0});
  }

  std::ptrdiff_t deleted_files() const {
    const auto files = memory_.files();
    return std::count_if(files.begin(), files.end(),
                         [](const std::string& path) { return path.ends_with(".deleted"); });
  }

  HeldClock clock_;
  test::MemoryFileSystem memory_;
  FaultyFileSystem fs_{memory_};
  ThreadPool pool_{"test-pool", 1};
  std::shared_ptr<const BrokerConfig> config_ = std::make_shared<const BrokerConfig>();
  std::unique_ptr<storage::LogStore> store_;
  std::unique_ptr<Flusher> flusher_;
  std::unique_ptr<PartitionTable> table_;
  std::unique_ptr<Housekeeper> keeper_;
};

TEST_F(HousekeeperTest, ACheckpointThatTheDiskFailsToTakeSetsTheDirectoryOffline) {
  storage::PartitionLog& log = make_topic();
  for (const Op op : {Op::open, Op::write, Op::rename}) {
    test::append_durably(log);
    fs_.set_fault({.op = op, .os_error = ENOSPC, .code = Errc::disk_full});
    keeper_->tick();
    ASSERT_TRUE(fs_.struck()) << "the checkpoint was not written";
    ASSERT_FALSE(store_->failure()) << "a full disk comes back";
    fs_.clear_fault();
    keeper_->tick();
  }
  test::append_durably(log);
  fs_.set_fault({.op = Op::write, .os_error = EIO, .code = Errc::io});
  keeper_->tick();
  ASSERT_TRUE(fs_.struck());
  ASSERT_TRUE(store_->failure());
  EXPECT_NE(store_->failure()->find("injected fault"), std::string::npos);
  fs_.clear_fault();
  EXPECT_FALSE(store_->write_checkpoints().ok()) << "nothing is retried";
  EXPECT_FALSE(store_->close(clock_.wall_ms()).ok()) << "this is no clean stop";
}

TEST_F(HousekeeperTest, RetentionRunsAtItsIntervalAndUnlinksAfterTheDelay) {
  storage::PartitionLog& log = make_topic(
      {{"segment.bytes", "1048576"}, {"retention.ms", "60000"}, {"file.delete.delay.ms", "5000"}});
  for (int i = 0; i < 5; ++i) test::append_durably(log, {.value_bytes = 700'000});
  clock_.passed_ms = 120'000;
  keeper_->tick();
  EXPECT_EQ(log.log_start_offset(), 0) << "not before log.retention.check.interval.ms";
  clock_.passed_ms = 300'000;
  keeper_->tick();
  EXPECT_EQ(log.log_start_offset(), 5);
  EXPECT_GT(deleted_files(), 0) << "readers may still hold the files";
  clock_.passed_ms = 306'000;
  keeper_->tick();
  EXPECT_EQ(deleted_files(), 0);
}

TEST_F(HousekeeperTest, AConfigurationOfARunningTopicIsFollowed) {
  storage::PartitionLog& log = make_topic({{"segment.bytes", "1048576"}});
  for (int i = 0; i < 5; ++i) test::append_durably(log, {.value_bytes = 700'000});
  clock_.passed_ms = 300'000;
  keeper_->tick();
  EXPECT_EQ(log.log_start_offset(), 0);
  auto config = *log.config();
  config.retention_bytes = 1'500'000;
  log.set_config(std::make_shared<const storage::LogConfig>(config));
  clock_.passed_ms = 600'000;
  keeper_->tick();
  EXPECT_EQ(log.log_start_offset(), 2);
}

}  // namespace
}  // namespace horolog::broker
