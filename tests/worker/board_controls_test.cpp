#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/worker/board_rig.hpp"
#include "worker/board.hpp"

namespace horolog::worker {
namespace {

using namespace std::chrono_literals;

/// A board of two topics; what would wait is never called.
class BoardControlsTest : public testing::Test {
 protected:
  const TopicPartition jobs{"jobs", 0}, mails{"mails", 0};
  WorkerOptions options{.ordering = Ordering::by_key, .retry = {.max_attempts = 3}};
  std::map<std::string, Handler> handlers{
      {"jobs", [](Task&) -> Outcome { return Outcome::done(); }},
      {"mails", [](Task&) -> Outcome { return Outcome::done(); }}};
  SetClock clock;
  Board board{options, handlers, clock};
  Controls controls;

  void SetUp() override {
    for (const TopicPartition& each : {jobs, mails})
      board.assign(std::make_shared<Assignment>(each, CompletedOffsets(0)));
  }

  void bring(const TopicPartition& tp, const std::vector<Offset>& offsets,
             const char* key = nullptr) {
    board.take_in(records_at(tp, offsets, key));
  }

  JobPtr start(const TopicPartition& tp, Offset offset) {
    JobPtr job = board.next();
    EXPECT_EQ(job->assignment->tp, tp);
    EXPECT_EQ(job->record->offset, offset);
    return job;
  }
  void control(const std::string& key, std::optional<std::string_view> value) {
    controls.apply(key, value);
    board.set_controls(controls);
  }
};

TEST_F(BoardControlsTest, APausedTopicDoesNotStartAndOthersDo) {
  control(pause_key("jobs"), "{}");
  bring(jobs, {0, 1});
  bring(mails, {0});
  start(mails, 0);
  EXPECT_EQ(board.metrics().paused, 2U);
  EXPECT_EQ(board.waiting(), 0U);
  control(pause_key("jobs"), std::nullopt);
  start(jobs, 0);
  start(jobs, 1);
  EXPECT_EQ(board.metrics().paused, 0U);
}

TEST_F(BoardControlsTest, WhatRunsWhenItsTopicIsPausedIsCommitted) {
  bring(jobs, {0});
  const JobPtr running = start(jobs, 0);
  control(pause_key("jobs"), "{}");
  board.finish(running, Outcome::done());
  const auto claim = board.claim();
  ASSERT_TRUE(claim);
  board.committed(*claim);
  EXPECT_EQ(board.metrics().succeeded, 1U);
  EXPECT_TRUE(board.idle());
}

TEST_F(BoardControlsTest, AKeyKeepsItsOrderThroughAPause) {
  bring(jobs, {0, 1}, "k");
  control(pause_key("jobs"), "{}");
  bring(mails, {0});
  const JobPtr other = start(mails, 0);
  // More of the key comes while the first of it is set aside.
  bring(jobs, {2}, "k");
  control(pause_key("jobs"), std::nullopt);
  for (Offset at = 0; at < 3; ++at) board.finish(start(jobs, at), Outcome::done());
}

TEST_F(BoardControlsTest, APartitionThatGoesWhilePausedTakesItsTasksAlong) {
  control(pause_key("jobs"), "{}");
  bring(jobs, {0, 1}, "k");
  bring(mails, {0});
  const JobPtr other = start(mails, 0);
  board.close({jobs});
  EXPECT_TRUE(board.settled({jobs}));
  board.lose({jobs});
  control(pause_key("jobs"), std::nullopt);
  board.assign(std::make_shared<Assignment>(jobs, CompletedOffsets(0)));
  bring(jobs, {0}, "k");
  start(jobs, 0);
}

TEST_F(BoardControlsTest, ACancelledTaskEndsWithoutAStart) {
  bring(jobs, {0, 1});
  const std::string id = [&] {
    TaskFields fields = read_task_fields({.topic = "jobs", .partition = 0, .offset = 0,
                                          .key = {}, .value = {}, .headers = {}});
    return fields.fire_id;
  }();
  control(cancel_key(id), R"({"reason": "not wanted"})");
  start(jobs, 1);
  const auto claim = board.claim();
  ASSERT_TRUE(claim);
  ASSERT_EQ(claim->finished.size(), 1U);
  EXPECT_EQ(claim->finished[0].verdict.fate, Fate::cancelled);
  EXPECT_EQ(claim->finished[0].verdict.reason, "cancelled: not wanted");
  EXPECT_EQ(claim->uncancelled, std::vector{id});
  board.committed(*claim);
  EXPECT_EQ(board.metrics().cancelled, 1U);
}

TEST_F(BoardControlsTest, AFailureOfACancelledTaskIsNotRepeated) {
  bring(jobs, {0, 1});
  const JobPtr failing = start(jobs, 0), done = start(jobs, 1);
  for (const JobPtr& job : {failing, done}) control(cancel_key(job->fields.fire_id), "{}");
  board.finish(failing, Outcome::failed("no"));
  board.finish(done, Outcome::done());
  const auto claim = board.claim();
  ASSERT_TRUE(claim);
  ASSERT_EQ(claim->finished.size(), 2U);
  EXPECT_EQ(claim->finished[0].verdict.fate, Fate::cancelled);
  EXPECT_EQ(claim->finished[0].verdict.reason, "no; not repeated: cancelled");
  // It came too late for this one; its mark goes all the same.
  EXPECT_EQ(claim->finished[1].verdict.fate, Fate::succeeded);
  EXPECT_EQ(claim->uncancelled.size(), 2U);
}

TEST_F(BoardControlsTest, ACancelWhoseTaskNeverCameIsTakenBack) {
  control(cancel_key("nobody"), R"({"at_ms": 1000000})");
  bring(jobs, {0, 1});
  board.sweep();
  board.finish(start(jobs, 0), Outcome::done());
  auto claim = board.claim();
  EXPECT_TRUE(claim->uncancelled.empty());
  board.committed(*claim);
  clock.ns += (longest_cancel_ms + 60'000) * 1'000'000;
  board.sweep();
  board.finish(start(jobs, 1), Outcome::done());
  claim = board.claim();
  EXPECT_EQ(claim->uncancelled, std::vector<std::string>{"nobody"});
}

TEST_F(BoardControlsTest, TimesAreCounted) {
  bring(jobs, {0});
  const JobPtr job = start(jobs, 0);
  clock.ns += 3'000'000;
  board.finish(job, Outcome::done());
  board.committed(*board.claim());
  EXPECT_EQ(board.timings().execution.snapshot().count, 1U);
  EXPECT_EQ(board.timings().execution.snapshot().sum_ns, 3'000'000);
  EXPECT_EQ(board.timings().processing.snapshot().count, 1U);
}

}  // namespace
}  // namespace horolog::worker
