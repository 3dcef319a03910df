#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "group_requests.hpp"
#include "tests/support/faulty_file.hpp"
#include "transaction_requests.hpp"

/// kill -9 before every write of a transaction's life: between the decision and the markers, after
/// the first of several markers, before the last state. What the process would have left is the
/// directory as it is then; another broker is started on each copy.
namespace horolog::broker {
namespace {

namespace fs = std::filesystem;

using test::FaultyFileSystem;
using test::Op;
using Values = std::vector<std::string>;
using Protocol = TestProducer::Protocol;

struct Image {
  fs::path directory;
  std::string next;  ///< the file whose change did not happen any more
  bool answered = false;
};

/// Copies the broker's directory before every change of it, once it is armed. A sync changes
/// nothing that a kill could take away.
class Camera {
 public:
  void watch(const fs::path& directory, FaultyFileSystem& files) {
    directory_ = directory;
    files.set_watch([this](Op op, const std::string& path) { shoot(op, path); });
  }
  void arm() { armed_ = true; }
  void disarm() { armed_ = false; }
  void answered() { answered_ = true; }
  std::vector<Image> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(images_, {});
  }

 private:
  void shoot(Op op, const std::string& path) {
    const bool changes = op == Op::write || op == Op::rename || op == Op::remove;
    if (!armed_ || !changes) return;
    const std::lock_guard lock(mutex_);
    Image image{make_directory(), fs::relative(path, directory_ / "data").string(), answered_};
    copy_into(image.directory);
    images_.push_back(std::move(image));
  }

  /// The step before this one may still be under way in its thread, and rename what is copied.
  void copy_into(const fs::path& to) const {
    std::error_code failed;
    do {
      fs::remove_all(to);
      fs::copy(directory_, to, fs::copy_options::recursive, failed);
    } while (failed == std::errc::no_such_file_or_directory);
    ASSERT_FALSE(failed) << failed.message();
  }

  fs::path directory_;
  std::atomic<bool> armed_{false};
  std::atomic<bool> answered_{false};
  std::mutex mutex_;
  std::vector<Image> images_;
};

void await_stable(const std::shared_ptr<Partition>& partition) {
  const auto& log = partition->log();
  while (log.last_stable_offset() < log.log_end_offset()) std::this_thread::yield();
}

struct Scenario {
  Protocol protocol = Protocol::first;
  bool commits = true;
};

class TransactionSteps : public testing::TestWithParam<Scenario> {
 protected:
  static constexpr Offset offset_before = 1;
  static constexpr Offset offset_after = 7;

  /// Everything once, with a picture before each step.
  std::vector<Image> live() {
    const fs::path directory = make_directory();
    auto files = std::make_unique<FaultyFileSystem>(*disk_);
    camera_.watch(directory, *files);
    TestBroker broker(directory, std::move(files));
    broker.create("t");
    broker.create("u");
    EXPECT_EQ(commit(broker, "g", "t", 0, offset_before), ErrorCode::none);
    TestProducer producer(broker, "tx", GetParam().protocol);
    old_id_ = producer.producer_id;
    old_epoch_ = producer.epoch;
    camera_.arm();
    EXPECT_EQ(producer.produce("t", "x"), ErrorCode::none);
    EXPECT_EQ(producer.produce("u", "y"), ErrorCode::none);
    EXPECT_EQ(producer.commit_offset("g", "t", offset_after), ErrorCode::none);
    EXPECT_EQ(producer.end(GetParam().commits), ErrorCode::none);
    camera_.answered();
    await_complete(broker);
    camera_.disarm();
    return camera_.take();
  }

  static void await_complete(TestBroker& broker) {
    wire::DescribeTransactionsRequest request;
    request.transactional_ids = {"tx"};
    while (true) {
      const auto answer = broker.call<wire::DescribeTransactionsResponse>(request, 0);
      if (answer.transaction_states.at(0).transaction_state.starts_with("Complete")) return;
      std::this_thread::yield();
    }
  }

  /// What a broker makes of a picture.
  void check(const Image& image) {
    TestBroker broker(image.directory, storage::make_posix_file_system());
    broker.context().partitions.refresh();
    while (!broker.context().transactions.ready()) std::this_thread::yield();
    // Before anybody else comes, nothing is to be seen that is not committed.
    for (const char* topic : {"t", "u"}) {
      const Values early = consume(broker, topic, true);
      EXPECT_LE(early.size(), GetParam().commits ? 1U : 0U);
    }
    // The next producer with the same id ends what was open, and fences the old one.
    TestProducer next(broker, "tx", GetParam().protocol);
    for (const char* topic : {"t", "u", "__consumer_offsets"}) {
      await_stable(broker.context().partitions.find(
          topic, *topic == '_' ? broker.context().groups.partition_of("g") : 0));
    }
    const bool seen = !consume(broker, "t", true).empty();
    EXPECT_EQ(consume(broker, "t", true), seen ? Values{"x"} : Values{});
    EXPECT_EQ(consume(broker, "u", true), seen ? Values{"y"} : Values{});
    EXPECT_EQ(committed(broker, "g", "t", 0), seen ? offset_after : offset_before);
    if (image.answered || !GetParam().commits) {
      EXPECT_EQ(seen, GetParam().commits);
    }

    TestProducer zombie = next;
    zombie.producer_id = old_id_;
    zombie.epoch = old_epoch_;
    EXPECT_NE(zombie.produce("t", "zombie"), ErrorCode::none);
    EXPECT_EQ(next.produce("t", "next"), ErrorCode::none);
    EXPECT_EQ(next.end(true), ErrorCode::none);
    await_stable(broker.context().partitions.find("t", 0));
    EXPECT_EQ(consume(broker, "t", true), seen ? Values({"x", "next"}) : Values{"next"});
    EXPECT_EQ(broker.context().transactions.metrics().orphans.value(), 0U);
  }

  std::unique_ptr<storage::FileSystem> disk_ = storage::make_posix_file_system();
  Camera camera_;
  ProducerId old_id_ = no_producer_id;
  ProducerEpoch old_epoch_ = -1;
};

/// The topics in whose logs the last five writes went: the decision, three markers, the last state.
std::vector<std::string> last_log_writes(const std::vector<Image>& images) {
  std::vector<std::string> topics;
  for (const Image& image : images) {
    if (image.next.ends_with(".log")) topics.push_back(image.next.substr(0, image.next.find('-')));
  }
  return {topics.end() - std::min<std::ptrdiff_t>(5, std::ssize(topics)), topics.end()};
}

TEST_P(TransactionSteps, AreAllOrNothingWhereverTheProcessIsKilled) {
  const std::vector<Image> images = live();
  const auto marked = testing::AnyOf("t", "u", "__consumer_offsets");
  EXPECT_THAT(last_log_writes(images),
              testing::ElementsAre("__transaction_state", marked, marked, marked,
                                   "__transaction_state"));
  for (const Image& image : images) {
    SCOPED_TRACE(fmt::format("killed before a change of {}, {}", image.next,
                             image.answered ? "answered" : "not answered"));
    check(image);
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, TransactionSteps,
                         testing::Values(Scenario{Protocol::first, true},
                                         Scenario{Protocol::first, false},
                                         Scenario{Protocol::second, true},
                                         Scenario{Protocol::second, false}),
                         [](const auto& test) {
                           return std::string(test.param.protocol == Protocol::first ? "First"
                                                                                     : "Second") +
                                  (test.param.commits ? "Commit" : "Abort");
                         });

}  // namespace
}  // namespace horolog::broker
