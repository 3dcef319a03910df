#include "tools/task_timeline.hpp"

#include <gtest/gtest.h>

namespace horolog::command {
namespace {

TEST(TaskTimeline, ShowsPlanFireAttemptsAndTheirEnds) {
  TaskInfo task;
  task.nominal_at = 0;
  task.events = {{.at = 10'000, .event = "fired", .attempt = 1},
                 {.at = 30'000, .event = "started", .attempt = 1},
                 {.at = 50'000, .event = "failed", .attempt = 1, .duration_us = 20'000'000},
                 {.at = 70'000, .event = "fired", .attempt = 2},
                 {.at = 100'000, .event = "dead", .attempt = 2, .duration_us = 10'000'000}};
  EXPECT_EQ(task_timeline(task, 11),
            "planned    ●            1970-01-01T00:00:00.000Z\n"
            "fired       ●           +10.0s\n"
            "attempt 1   ░░███       failed +50.0s, ran 20.0s\n"
            "fired             ●     +1m10s\n"
            "attempt 2         ░░██  dead +1m40s, ran 10.0s\n");
}

TEST(TaskTimeline, AnAttemptThatRunsHasNoEnd) {
  TaskInfo task;
  task.events = {{.at = 0, .event = "fired", .attempt = 1},
                 {.at = 1'000, .event = "started", .attempt = 1}};
  EXPECT_EQ(task_timeline(task, 3),
            "fired      ●    +0ms\n"
            "attempt 1    █  started +1.0s, runs\n");
}

TEST(TaskTimeline, OneInstantIsOneColumn) {
  TaskInfo task;
  task.events = {{.at = 5, .event = "expired", .attempt = 1}};
  EXPECT_EQ(task_timeline(task, 4), "attempt 1  ░     expired +0ms\n");
}

}  // namespace
}  // namespace horolog::command
