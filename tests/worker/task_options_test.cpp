#include "worker/task_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "horolog/worker.hpp"

namespace horolog::worker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string header_of(const std::vector<Header>& headers, const std::string& name) {
  for (const Header& each : headers)
    if (each.key == name) return each.value.value_or("(null)");
  return "(none)";
}

std::string refusal_of(const TaskOptions& options) {
  const auto made = task_headers("jobs", options);
  return made ? "(taken)" : made.error().message();
}

TEST(TaskHeaders, OfATaskThatIsThereAtOnce) {
  const auto made = task_headers("jobs", {.key = "k",
                                          .headers = {{"mine", "1"}},
                                          .priority = 9,
                                          .lane = "eu",
                                          .expires = 90s,
                                          .max_attempts = 1,
                                          .backoff = 1ms,
                                          .timeout = 2min});
  ASSERT_TRUE(made);
  EXPECT_EQ(header_of(*made, "mine"), "1");
  EXPECT_EQ(header_of(*made, "horolog-priority"), "9");
  EXPECT_EQ(header_of(*made, "horolog-lane"), "eu");
  EXPECT_EQ(header_of(*made, "horolog-expires"), "1m30s");
  EXPECT_EQ(header_of(*made, "horolog-max-attempts"), "1");
  EXPECT_EQ(header_of(*made, "horolog-backoff"), "1ms");
  EXPECT_EQ(header_of(*made, "horolog-timeout"), "2m");
  EXPECT_EQ(header_of(*made, "horolog-topic"), "(none)");
}

TEST(TaskHeaders, OfOneThatIsDueLater) {
  const auto delayed = task_headers("jobs", {.key = "k", .delay = 15min});
  ASSERT_TRUE(delayed);
  EXPECT_EQ(header_of(*delayed, "horolog-topic"), "jobs");
  EXPECT_EQ(header_of(*delayed, "horolog-key"), "k");
  EXPECT_EQ(header_of(*delayed, "horolog-delay"), "15m");
  const auto unique = task_headers("jobs", {.unique = "daily"});
  ASSERT_TRUE(unique);
  EXPECT_EQ(header_of(*unique, "horolog-delay"), "1ms");
  const auto planned = task_headers("jobs", {.at = 1'000, .expires_at = 2'000});
  ASSERT_TRUE(planned);
  EXPECT_EQ(header_of(*planned, "horolog-at"), "1000");
  EXPECT_EQ(header_of(*planned, "horolog-expires"), "2000");
}

TEST(TaskHeaders, WhatCannotBeRightIsRefused) {
  EXPECT_THAT(refusal_of({.max_attempts = 0}), HasSubstr("max_attempts 0: the first attempt"));
  EXPECT_THAT(refusal_of({.backoff = 0ms}), HasSubstr("backoff is below a millisecond"));
  EXPECT_THAT(refusal_of({.timeout = 0ms}), HasSubstr("timeout is below a millisecond"));
  EXPECT_THAT(refusal_of({.priority = 10}), HasSubstr("priority 10 is not between 0 and 9"));
  EXPECT_THAT(refusal_of({.delay = 1s, .at = 5}), HasSubstr("at and delay"));
  EXPECT_THAT(refusal_of({.expires = 1s, .expires_at = 5}), HasSubstr("expires and expires_at"));
  EXPECT_THAT(refusal_of({.headers = {{"horolog-attempt", "3"}}}), HasSubstr("horolog-attempt"));
  EXPECT_THAT(refusal_of({.unique = ""}), HasSubstr("unique is empty"));
}

TEST(WorkerOptions, WhatCannotBeRightIsRefused) {
  const auto refused = [](WorkerOptions options) {
    options.client.bootstrap = "localhost:1";
    options.group = "g";
    const auto opened = Worker::open(std::move(options));
    return opened ? "(taken)" : opened.error().message();
  };
  EXPECT_EQ(refused({}), "(taken)");
  EXPECT_THAT(refused({.retry = {.max_attempts = 0}}), HasSubstr("1 means no retry"));
  EXPECT_THAT(refused({.retry = {.backoff = 0ms}}), HasSubstr("retry.backoff is below"));
  EXPECT_THAT(refused({.concurrency = 2, .min_concurrency = 3}), HasSubstr("the ceiling"));
  EXPECT_THAT(refused({.metrics_address = "9465"}), HasSubstr("not HOST:PORT"));
  EXPECT_THAT(refused({.metrics_address = "127.0.0.1:70000"}), HasSubstr("not HOST:PORT"));
}

TEST(WorkerOptions, MetricsAreServedAndTheirPortIsTakenOnce) {
  WorkerOptions options{.group = "g", .metrics_address = "127.0.0.1:0"};
  const auto first = Worker::open(options);
  ASSERT_TRUE(first) << first.error().message();
  options.metrics_address = first->metrics_address();
  EXPECT_THAT(options.metrics_address, testing::StartsWith("127.0.0.1:"));
  const auto second = Worker::open(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::busy);
}

}  // namespace
}  // namespace horolog::worker
