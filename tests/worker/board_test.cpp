#include "worker/board.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/worker/board_rig.hpp"

namespace horolog::worker {
namespace {

using namespace std::chrono_literals;

/// A board whose threads are the test's own: what would wait is never called.
class BoardTest : public testing::Test {
 protected:
  const TopicPartition tp{"jobs", 0};
  WorkerOptions options{.concurrency = 200, .cancel_grace = 5s, .announce_after = 1s};
  std::map<std::string, Handler> handlers{
      {"jobs", [](Task&) -> Outcome { return Outcome::done(); }}};
  SetClock clock;
  std::unique_ptr<Board> board;
  std::deque<std::string> texts;
  AssignmentPtr assigned;

  void SetUp() override { make(); }

  void make() {
    board = std::make_unique<Board>(options, handlers, clock);
    assigned = std::make_shared<Assignment>(tp, CompletedOffsets(0));
    board->assign(assigned);
  }

  void bring(const std::vector<Offset>& offsets, const char* key = nullptr) {
    board->take_in(records_at(tp, offsets, key));
  }

  JobPtr start(Offset offset) {
    JobPtr job = board->next();
    EXPECT_TRUE(job);
    if (job) {
      EXPECT_EQ(job->record->offset, offset);
    }
    return job;
  }
  /// Only when something is there, or claim() would wait.
  Claim claim() { return *board->claim(); }
};

TEST_F(BoardTest, WhatIsOverIsCommittedWithItsOffset) {
  bring({0, 1, 2});
  const JobPtr first = start(0), second = start(1);
  board->finish(second, Outcome::done());
  const Claim one = claim();
  ASSERT_EQ(one.offsets.size(), 1U);
  EXPECT_EQ(one.offsets[0].second.next(), 0);
  EXPECT_NE(one.offsets[0].second.metadata(), "");
  board->committed(one);
  board->finish(first, Outcome::done());
  const Claim two = claim();
  EXPECT_EQ(two.offsets[0].second.next(), 2);
  EXPECT_EQ(two.offsets[0].second.metadata(), "");
  board->committed(two);
  EXPECT_EQ(board->metrics().succeeded, 2U);
}

TEST_F(BoardTest, WhatWasNotCommittedComesBack) {
  bring({0});
  board->finish(start(0), Outcome::failed("no"));
  Claim first = claim();
  EXPECT_EQ(first.finished[0].verdict.fate, Fate::failed);
  board->not_committed(std::move(first));
  const Claim again = claim();
  ASSERT_EQ(again.finished.size(), 1U);
  EXPECT_EQ(again.finished[0].verdict.reason, "no");
  EXPECT_EQ(again.offsets[0].second.next(), 1);
  board->committed(again);
  EXPECT_EQ(board->metrics().transactions_failed, 1U);
  EXPECT_TRUE(board->idle());
}

TEST_F(BoardTest, RecordsThatWereOverBeforeAreNotStartedAgain) {
  auto before = CompletedOffsets::parse(10, "h1b:Ag");  // 12 is over
  ASSERT_TRUE(before);
  board->assign(std::make_shared<Assignment>(tp, std::move(*before)));
  bring({10, 11, 12, 13});
  start(10);
  start(11);
  start(13);
}

TEST_F(BoardTest, OffsetsWithoutRecordsLetThePrefixPass) {
  bring({0});
  board->finish(start(0), Outcome::done());
  bring({5});
  board->finish(start(5), Outcome::done());
  EXPECT_EQ(claim().offsets[0].second.next(), 6);
}

TEST_F(BoardTest, NothingOfALostPartitionIsCommitted) {
  bring({0, 1, 2});
  const JobPtr running = start(0), over = start(1);
  board->finish(over, Outcome::done());
  board->lose({tp});
  EXPECT_TRUE(running->cancelled);
  board->finish(running, Outcome::done());
  board->stop_committing();
  EXPECT_FALSE(board->claim());
  // And what waited does not start.
  board->stop_starting();
  EXPECT_FALSE(board->next());
}

TEST_F(BoardTest, APartitionIsSettledWhenWhatRunsIsCommitted) {
  bring({0, 1});
  const JobPtr running = start(0);
  board->close({tp});
  EXPECT_FALSE(board->settled({tp}));
  board->finish(running, Outcome::done());
  EXPECT_FALSE(board->settled({tp}));
  board->committed(claim());
  EXPECT_TRUE(board->settled({tp}));
}

TEST_F(BoardTest, TimeIsOverThenItIsCancelledThenGivenUp) {
  options.timeout = 10s;
  make();
  bring({0});
  const JobPtr job = start(0);
  clock.ns += 9'999'000'000;
  board->sweep();
  EXPECT_FALSE(job->cancelled);
  clock.ns += 1'000'000;
  board->sweep();
  EXPECT_TRUE(job->cancelled);
  EXPECT_FALSE(job->given_up);
  clock.ns += 5'000'000'000;
  board->sweep();
  const Claim given_up = claim();
  ASSERT_EQ(given_up.finished.size(), 1U);
  EXPECT_EQ(given_up.finished[0].verdict.fate, Fate::failed);
  EXPECT_NE(given_up.finished[0].verdict.reason.find("timed out after 10s"), std::string::npos);
  board->committed(given_up);
  // What the handler says at last is dropped.
  board->finish(job, Outcome::done());
  EXPECT_EQ(board->metrics().succeeded, 0U);
  EXPECT_TRUE(board->idle());
}

TEST_F(BoardTest, AScheduleMayStopWhatRunsForLong) {
  bring({0, 1});
  const JobPtr first = start(0), second = start(1);
  first->fields.schedule = "s";
  EXPECT_FALSE(board->oldest_stoppable());
  clock.ns += 2'000'000'000;
  board->sweep();
  EXPECT_EQ(board->oldest_stoppable(), first->started_ms);
  board->ask_to_stop(first->fields.fire_id);
  EXPECT_TRUE(first->cancelled);
  EXPECT_FALSE(second->cancelled);
  board->finish(first, Outcome::failed("cancelled"));
  const Claim one = claim();
  ASSERT_EQ(one.finished.size(), 1U);
  EXPECT_EQ(one.finished[0].verdict.fate, Fate::stopped);
}

TEST_F(BoardTest, OneThatDoesNotStopIsGivenUp) {
  bring({0});
  const JobPtr job = start(0);
  board->ask_to_stop(job->fields.fire_id);
  clock.ns += 5'000'000'000;
  board->sweep();
  EXPECT_TRUE(job->given_up);
  EXPECT_EQ(claim().finished[0].verdict.fate, Fate::stopped);
}

TEST_F(BoardTest, ALongAttemptIsAnnouncedOnce) {
  bring({0});
  const JobPtr job = start(0);
  clock.ns += 1'000'000'000;
  board->sweep();
  const Claim announced = claim();
  ASSERT_EQ(announced.announced.size(), 1U);
  EXPECT_TRUE(announced.finished.empty());
  EXPECT_EQ(announced.offsets[0].second.next(), 0);
  board->committed(announced);
  board->sweep();
  board->finish(job, Outcome::done());
  EXPECT_TRUE(claim().announced.empty());
}

TEST_F(BoardTest, AFailureAfterTheDrainIsNotRecorded) {
  bring({0, 1});
  const JobPtr failing = start(0), done = start(1);
  board->cancel_all();
  EXPECT_TRUE(failing->cancelled);
  board->finish(failing, Outcome::failed("cancelled"));
  board->finish(done, Outcome::done());
  const Claim last = claim();
  ASSERT_EQ(last.finished.size(), 1U);
  EXPECT_EQ(last.finished[0].job, done);
  EXPECT_EQ(last.offsets[0].second.next(), 0);
}

TEST_F(BoardTest, ATaskThatExpiredIsOverWithoutAStart) {
  auto storage = std::make_shared<client::BatchStorage>();
  storage->headers = {{"horolog-expires", "7"}};
  storage->header_counts = {1};
  storage->records.push_back({.topic = tp.topic, .partition = 0, .offset = 0, .timestamp = 5,
                              .key = {}, .value = "x", .headers = {}});
  storage->link_headers();
  board->take_in(std::make_shared<const RecordBatch>(std::move(storage)));
  bring({1});
  start(1);
  const Claim over = claim();
  ASSERT_EQ(over.finished.size(), 1U);
  EXPECT_EQ(over.finished[0].verdict.fate, Fate::expired);
}

TEST_F(BoardTest, ATaskWaitsUntilItsEndCanBeWrittenDown) {
  options.metadata_bytes = 20;
  make();
  std::vector<Offset> many;
  for (Offset at = 0; at < 200; ++at) many.push_back(at);
  bring(many);
  std::vector<JobPtr> running;
  // As far as the bitmap reaches, then the prefix must move.
  const Offset reach = 12 * 8 + 1;
  for (Offset at = 0; at < reach; ++at) running.push_back(start(at));
  for (std::size_t i = 1; i < running.size(); ++i) board->finish(running[i], Outcome::done());
  const Claim full = claim();
  EXPECT_LE(full.offsets[0].second.metadata().size(), options.metadata_bytes);
  board->committed(full);
  board->finish(running[0], Outcome::done());
  board->committed(claim());
  start(reach);
}

TEST_F(BoardTest, AKeyKeepsItsOrder) {
  options.ordering = Ordering::by_key;
  make();
  bring({0, 1}, "k");
  bring({2}, "other");
  const JobPtr first = start(0);
  start(2);
  board->finish(first, Outcome::done());
  start(1);
}

}  // namespace
}  // namespace horolog::worker
