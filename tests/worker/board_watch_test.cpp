#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/worker/board_rig.hpp"
#include "worker/board.hpp"

namespace horolog::worker {
namespace {

/// A board with a partition that another worker had before; what would wait is never called.
class BoardWatchTest : public testing::Test {
 protected:
  const TopicPartition tp{"jobs", 0}, other{"jobs", 1};
  WorkerOptions options{.concurrency = 16, .max_deaths = 3};
  std::map<std::string, Handler> handlers{
      {"jobs", [](Task&) -> Outcome { return Outcome::done(); }}};
  SetClock clock;
  Board board{options, handlers, clock};

  void assign(const TopicPartition& place, const char* metadata, Offset end) {
    auto done = CompletedOffsets::parse(0, metadata);
    ASSERT_TRUE(done) << done.error().message();
    board.assign(std::make_shared<Assignment>(place, std::move(*done), end));
  }
  void bring(const TopicPartition& place, Offset first, Offset end) {
    std::vector<Offset> offsets;
    for (Offset at = first; at < end; ++at) offsets.push_back(at);
    board.take_in(records_at(place, offsets));
  }
  /// Only when something is there, or claim() would wait. The metadata that it commits.
  std::string commit() {
    const Claim claim = *board.claim();
    board.committed(claim);
    return claim.offsets.at(0).second.metadata();
  }
  JobPtr start(Offset offset) {
    JobPtr job = board.next();
    EXPECT_EQ(job->record->offset, offset);
    return job;
  }
};

TEST_F(BoardWatchTest, WhatLayThereStartsOnceThatIsWrittenDown) {
  assign(tp, "", 10);
  bring(tp, 0, 3);
  EXPECT_EQ(board.metrics().waiting, 3U);
  EXPECT_EQ(commit(), "h1s:10");
  const JobPtr first = start(0);
  start(1);
  start(2);
  board.finish(first, Outcome::done());
  EXPECT_EQ(commit(), "h1s:9");
}

TEST_F(BoardWatchTest, WhatCameLaterStartsAtOnce) {
  assign(tp, "", 2);
  bring(tp, 2, 3);
  start(2);
}

TEST_F(BoardWatchTest, AfterADeathAFewStartAtATime) {
  assign(tp, "h1s:100", 200);
  bring(tp, 0, 60);
  EXPECT_EQ(commit(), "h1s:100,32");
  std::vector<JobPtr> running;
  for (Offset at = 0; at < 16; ++at) running.push_back(start(at));
  for (const JobPtr& job : running) board.finish(job, Outcome::done());
  commit();                               // their ends
  EXPECT_EQ(commit(), "h1s:84,32");       // and the starts of as many more
}

TEST_F(BoardWatchTest, AfterTwoDeathsEachStartsByItself) {
  assign(tp, "h1s:2,2", 2);
  assign(other, "h1s:2,2", 2);
  bring(tp, 0, 2);
  bring(other, 0, 2);
  EXPECT_EQ(commit(), "h1s:2,2,1");
  const JobPtr first = start(0);
  EXPECT_EQ(first->assignment->tp, tp);
  EXPECT_EQ(board.metrics().waiting, 3U);
  board.finish(first, Outcome::failed("no"));
  commit();
  EXPECT_EQ(commit(), "h1s:1,1,1");
  EXPECT_EQ(start(1)->assignment->tp, tp);
}

TEST_F(BoardWatchTest, AfterThreeDeathsItIsPutAside) {
  assign(tp, "h1s:9,2,1", 9);
  bring(tp, 0, 1);
  bring(tp, 9, 10);  // nobody can have started it
  start(9);
  const Claim claim = *board.claim();
  ASSERT_EQ(claim.finished.size(), 1U);
  EXPECT_EQ(claim.finished[0].verdict.fate, Fate::dead);
  EXPECT_EQ(claim.finished[0].verdict.reason,
            "worker died 3 times while it was started: it is not started again");
}

TEST_F(BoardWatchTest, AHandoverInOrderIsNoDeath) {
  assign(tp, "h1s:5", 9);
  bring(tp, 0, 5);
  EXPECT_EQ(commit(), "h1s:5,5");
  start(0);
  board.close({tp});
  board.leave({tp});
  EXPECT_FALSE(board.left({tp}));
  EXPECT_EQ(commit(), "h1s:5");
  EXPECT_TRUE(board.left({tp}));
}

TEST_F(BoardWatchTest, NothingToTakeBackIsLeftAtOnce) {
  assign(tp, "", 9);
  board.close({tp});
  board.leave({tp});
  EXPECT_TRUE(board.left({tp}));
}

/// Workers one after the other, each with its threads, of which one meets the task that kills it.
class Lives {
 public:
  Lives(Offset count, std::set<Offset> poison, std::size_t concurrency)
      : count_(count), poison_(std::move(poison)) {
    options_.concurrency = concurrency;
  }

  bool done() const { return next_ == count_; }
  const std::map<Offset, Verdict>& ends() const { return ends_; }

  void one() {
    auto before = CompletedOffsets::parse(next_, metadata_);
    ASSERT_TRUE(before) << metadata_;
    Board board(options_, handlers_, clock_);
    dead_ = false;
    board.assign(std::make_shared<Assignment>(tp_, std::move(*before), count_));
    std::vector<Offset> offsets;
    for (Offset at = next_; at < count_; ++at) offsets.push_back(at);
    board.take_in(records_at(tp_, offsets));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < options_.concurrency; ++i)
      threads.emplace_back([&] { work(board); });
    threads.emplace_back([&] { commit(board); });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void work(Board& board) {
    while (const JobPtr job = board.next()) {
      if (poison_.contains(job->record->offset)) end(board);
      board.finish(job, Outcome::done());
    }
  }
  void end(Board& board) {
    const std::lock_guard lock(mutex_);
    dead_ = true;
    board.stop_starting();
    board.stop_committing();
  }
  void commit(Board& board) {
    while (const auto claim = board.claim()) {
      {
        const std::lock_guard lock(mutex_);
        if (dead_) return;
        next_ = claim->offsets.at(0).second.next();
        metadata_ = claim->offsets.at(0).second.metadata();
        for (const Finished& each : claim->finished)
          EXPECT_TRUE(ends_.emplace(each.job->record->offset, each.verdict).second);
      }
      board.committed(*claim);
      if (done()) end(board);
    }
  }

  const TopicPartition tp_{"jobs", 0};
  const Offset count_;
  const std::set<Offset> poison_;
  WorkerOptions options_;
  std::map<std::string, Handler> handlers_{
      {"jobs", [](Task&) -> Outcome { return Outcome::done(); }}};
  SystemClock clock_;
  std::mutex mutex_;
  bool dead_ = false;
  Offset next_ = 0;
  std::string metadata_;
  std::map<Offset, Verdict> ends_;
};

TEST(BoardLives, WhatKillsItsWorkersIsPutAsideAndNothingElse) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    const auto count = static_cast<Offset>(1 + random() % 400);
    std::set<Offset> poison;
    for (std::uint64_t i = random() % 4; i > 0; --i)
      poison.insert(static_cast<Offset>(random() % static_cast<std::uint64_t>(count)));
    Lives lives(count, poison, 1 + random() % 8);
    int left = 30;
    for (; !lives.done() && left > 0; --left) lives.one();
    ASSERT_GT(left, 0) << "it goes on for ever";
    ASSERT_EQ(lives.ends().size(), static_cast<std::size_t>(count));
    for (const auto& [offset, verdict] : lives.ends()) {
      ASSERT_EQ(verdict.fate, poison.contains(offset) ? Fate::dead : Fate::succeeded) << offset;
      ASSERT_EQ(verdict.reason.starts_with("worker died 3 times"), poison.contains(offset));
    }
  }
}

}  // namespace
}  // namespace horolog::worker
