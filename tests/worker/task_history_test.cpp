#include "worker/task_history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace horolog::worker {
namespace {

std::string run(std::string_view event, std::string_view id, std::int64_t at,
                std::string_view more = "") {
  return fmt::format(R"({{"event":"{}","fire_id":"{}","at_ms":{},"target":"jobs"{}}})", event, id,
                     at, more);
}

TEST(TaskHistory, FollowsATaskThroughItsStates) {
  TaskHistory history;
  history.add(run("fired", "a", 10, R"(,"schedule":"nightly","nominal_ms":9)"));
  EXPECT_EQ(history.find("a")->state(), "waiting");
  history.add(run("started", "a", 20, R"(,"attempt":1,"worker":"w")"));
  EXPECT_EQ(history.find("a")->state(), "running");
  history.add(run("failed", "a", 30, R"(,"attempt":1,"reason":"no","retry_ms":99)"));
  EXPECT_EQ(history.find("a")->state(), "retrying");
  EXPECT_EQ(history.find("a")->retry_at, 99);
  history.add(run("fired", "a", 40, R"(,"schedule":"retry:a:2","attempt":2)"));
  EXPECT_EQ(history.find("a")->state(), "waiting");
  history.add(run("succeeded", "a", 50, R"(,"attempt":2)"));
  EXPECT_EQ(history.find("a")->state(), "succeeded");
  EXPECT_EQ(history.find("a")->attempt(), 2);
  EXPECT_EQ(history.find("a")->schedule, "nightly");
  EXPECT_EQ(history.find("a")->events.size(), 5U);
}

TEST(TaskHistory, ReadInAnyOrder) {
  TaskHistory history;
  history.add(run("dead", "a", 50, R"(,"attempt":1,"reason":"x")"));
  history.add(run("started", "a", 20, R"(,"attempt":1)"));
  EXPECT_EQ(history.find("a")->state(), "dead");
  EXPECT_EQ(history.find("a")->last().event, "dead");
}

TEST(TaskHistory, WhatBecameOfADeadTask) {
  TaskHistory history;
  history.add(run("dead", "a", 50, R"(,"attempt":2,"reason":"x","group":"g")"));
  history.add(run("dead", "b", 50, R"(,"attempt":2,"reason":"x")"));
  EXPECT_TRUE(history.find("a")->is_over());
  history.add(run("retried", "a", 60, R"(,"attempt":2,"reason":"sent again as c")"));
  history.add(run("discarded", "b", 60, R"(,"attempt":2)"));
  EXPECT_EQ(history.find("a")->state(), "retried");
  EXPECT_EQ(history.find("b")->state(), "discarded");
  EXPECT_EQ(history.find("a")->group, "g");
  EXPECT_EQ(history.figures().at("jobs").groups.at("g"), 1);
}

TEST(TaskHistory, StepsOfOneMillisecondKeepTheirOrder) {
  TaskHistory history;
  history.add(run("succeeded", "a", 10, R"(,"attempt":1)"));
  history.add(run("fired", "a", 10, R"(,"attempt":1)"));
  EXPECT_EQ(history.find("a")->events.front().event, "fired");
  EXPECT_EQ(history.find("a")->state(), "succeeded");
}

TEST(TaskHistory, ARefusalNamesTheStateAndTheWayOut) {
  TaskHistory history;
  history.add(run("succeeded", "a", 1'000, R"(,"attempt":1)"));
  EXPECT_EQ(refusal(*history.find("a"), "retried"),
            "task a cannot be retried: it is done since 1970-01-01T00:00:01Z; 'horolog task submit "
            "jobs' gives out another");
  history.add(run("started", "b", 1'000, R"(,"attempt":3)"));
  EXPECT_NE(refusal(*history.find("b"), "retried").find("attempt 3 runs"), std::string::npos);
  history.add(run("cancelled", "c", 1'000, R"(,"attempt":1)"));
  EXPECT_NE(refusal(*history.find("c"), "discarded").find("it is cancelled since"),
            std::string::npos);
}

TEST(TaskHistory, OthersRecordsArePassedOver) {
  TaskHistory history;
  history.add("no json");
  history.add(R"({"event":"rejected","schedule":"s"})");
  history.add(R"({"event":"missed","fire_id":"a"})");
  EXPECT_TRUE(history.latest().empty());
}

TEST(TaskHistory, FiguresOfATopic) {
  TaskHistory history;
  for (int i = 0; i < 100; ++i)
    history.add(run("succeeded", fmt::format("t{}", i), 1'000 + i * 10,
                    fmt::format(R"(,"duration_us":{},"produced_ms":{})", (i + 1) * 1'000,
                                900 + i * 10)));
  history.add(run("failed", "bad", 1'995, R"(,"reason":"exit 3: x\nmore")"));
  history.add(run("dead", "bad", 2'000, R"(,"attempt":2,"reason":"exit 3: x\nelse")"));
  const auto figures = history.figures();
  const TaskFigures& jobs = figures.at("jobs");
  EXPECT_EQ(jobs.states.at("succeeded"), 100);
  EXPECT_EQ(jobs.states.at("dead"), 1);
  EXPECT_EQ(jobs.attempts, 102);
  EXPECT_EQ(jobs.failed_attempts, 2);
  EXPECT_EQ(quantile(jobs.execution_us, 0.5), 50'000);
  EXPECT_EQ(quantile(jobs.execution_us, 0.99), 99'000);
  EXPECT_EQ(quantile(jobs.processing_ms, 0.99), 100);
  EXPECT_DOUBLE_EQ(jobs.throughput(), 102.0);
  EXPECT_EQ(jobs.failures.at("exit 3: x"), 2);
  // 100 in the first second, 1 at its end, 1 in the next.
  EXPECT_EQ(jobs.per_second(), (std::vector<std::int64_t>{1, 101}));
}

TEST(Quantile, OfNothingAndOfOne) {
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(quantile({7}, 0), 7);
  EXPECT_EQ(quantile({7}, 1), 7);
}

}  // namespace
}  // namespace horolog::worker
