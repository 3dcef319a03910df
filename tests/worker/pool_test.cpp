#include "worker/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "client/consumer_batch.hpp"
#include "worker/middleware.hpp"

namespace horolog::worker {
namespace {

const TopicPartition place{"jobs", 0};

std::shared_ptr<const RecordBatch> batch_of(Offset count) {
  auto storage = std::make_shared<client::BatchStorage>();
  for (Offset offset = 0; offset < count; ++offset)
    storage->records.push_back({.topic = place.topic, .partition = 0, .offset = offset,
                                .timestamp = 5, .key = {}, .value = "x", .headers = {}});
  return std::make_shared<const RecordBatch>(std::move(storage));
}

/// Runs that many tasks with the handler on four threads, and gives what became of each.
std::map<Offset, Verdict> work(Offset count, Handler handler) {
  const WorkerOptions options;
  const std::map<std::string, Handler> handlers{{"jobs", std::move(handler)}};
  const SystemClock clock;
  Board board(options, handlers, clock);
  board.assign(std::make_shared<Assignment>(place, CompletedOffsets(0)));
  std::map<Offset, Verdict> out;
  {
    const Pool pool(4, board, nullptr);
    board.take_in(batch_of(count));
    while (out.size() < static_cast<std::size_t>(count)) {
      const auto claim = board.claim();
      for (const Finished& each : claim->finished)
        out.emplace(each.job->record->offset, each.verdict);
      board.committed(*claim);
    }
    board.stop_starting();
  }
  EXPECT_TRUE(board.idle());
  return out;
}

TEST(Pool, HandlersRunSideBySide) {
  // Each waits until four are there: with fewer threads this would never end.
  std::latch all(4);
  const auto ended = work(4, [&](Task&) -> Outcome {
    all.arrive_and_wait();
    return Outcome::done();
  });
  for (const auto& [offset, verdict] : ended) EXPECT_EQ(verdict.fate, Fate::succeeded) << offset;
}

TEST(Pool, WhatIsThrownIsAFailedAttempt) {
  const auto ended = work(3, [](Task& task) -> Outcome {
    if (task.record().offset == 0) throw std::runtime_error("broken");
    if (task.record().offset == 1) throw 7;
    return Outcome::done();
  });
  EXPECT_EQ(ended.at(0).fate, Fate::failed);
  EXPECT_EQ(ended.at(0).reason, "broken");
  EXPECT_EQ(ended.at(1).fate, Fate::failed);
  EXPECT_EQ(ended.at(2).fate, Fate::succeeded);
}

TEST(Pool, EveryTaskRunsOnce) {
  std::atomic<int> runs = 0;
  const auto ended = work(2'000, [&](Task&) -> Outcome {
    ++runs;
    return Outcome::done();
  });
  EXPECT_EQ(ended.size(), 2'000U);
  EXPECT_EQ(runs, 2'000);
}

TEST(Middleware, TheFirstIsOutermostAndMayDecideAlone) {
  std::string order;
  const Handler handler = wrapped(
      [&](Task&) {
        order += "handler ";
        return Outcome::done();
      },
      {[&](Task& task, const Handler& next) {
         order += "outer ";
         return next(task);
       },
       [&](Task& task, const Handler& next) {
         order += "inner ";
         return task.record().offset == 1 ? Outcome::dead("refused") : next(task);
       }});
  Job job;
  const auto batch = batch_of(2);
  Task task(job);
  job.record = &(*batch)[0];
  EXPECT_EQ(handler(task).kind(), Outcome::Kind::done);
  job.record = &(*batch)[1];
  EXPECT_EQ(handler(task).reason(), "refused");
  EXPECT_EQ(order, "outer inner handler outer inner ");
}

}  // namespace
}  // namespace horolog::worker
