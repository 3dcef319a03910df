#include "worker/ready_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace horolog::worker {
namespace {

constexpr MonoNs second = 1'000'000'000;

Waiting task(JobId id, std::uint64_t key = 0, std::string lane = "", int priority = 5,
             MonoNs since = 0) {
  return {id, key, std::move(lane), priority, since};
}

std::vector<JobId> pop_all(ReadyQueue& queue, MonoNs now = 0) {
  std::vector<JobId> ids;
  while (const auto next = queue.pop(now)) ids.push_back(next->id);
  return ids;
}

TEST(ReadyQueue, InTheOrderOfTheirComing) {
  ReadyQueue queue({});
  for (const JobId id : {1U, 2U, 3U}) queue.push(task(id));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{1, 2, 3}));
}

TEST(ReadyQueue, OneOfAKeyAtATimeAndTheOthersPass) {
  ReadyQueue queue({});
  for (JobId id = 1; id <= 3; ++id) queue.push(task(id, 77));
  queue.push(task(4, 78));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{1, 4}));
  EXPECT_EQ(queue.size(), 2U);
  queue.finish(task(1, 77));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{2}));
  queue.finish(task(4, 78));
  EXPECT_TRUE(pop_all(queue).empty());
  queue.finish(task(2, 77));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{3}));
}

TEST(ReadyQueue, SeveralOfAKeyWhenAskedFor) {
  ReadyQueue queue({.per_key = 2, .lanes = {}});
  for (JobId id = 1; id <= 3; ++id) queue.push(task(id, 77));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{1, 2}));
}

TEST(ReadyQueue, HigherPrioritiesFirst) {
  ReadyQueue queue({});
  queue.push(task(1, 0, "", 0));
  queue.push(task(2, 0, "", 9));
  queue.push(task(3, 0, "", 5));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{2, 3, 1}));
}

TEST(ReadyQueue, WaitingRaisesThePriority) {
  ReadyQueue queue({.lanes = {}, .ageing_ns = second});
  queue.push(task(1, 0, "", 0, 0));
  queue.push(task(2, 0, "", 9, 8 * second));
  queue.push(task(3, 0, "", 9, 10 * second));
  // At 10 s the first counts 0 + 10, the second 9 + 2, the third 9.
  EXPECT_EQ(pop_all(queue, 10 * second), (std::vector<JobId>{2, 1, 3}));
}

TEST(ReadyQueue, LanesGetTheirShares) {
  ReadyQueue queue({.lanes = {{"big", {.share = 3}}, {"small", {.share = 1}}}});
  JobId id = 0;
  for (int i = 0; i < 400; ++i) queue.push(task(++id, 0, "big"));
  for (int i = 0; i < 400; ++i) queue.push(task(++id, 0, "small"));
  std::map<std::string, int> starts;
  for (int i = 0; i < 200; ++i) ++starts[queue.pop(0)->lane];
  EXPECT_NEAR(starts["big"], 150, 1);
  EXPECT_NEAR(starts["small"], 50, 1);
}

TEST(ReadyQueue, ALaneThatWasIdleHasNoClaimToThePast) {
  ReadyQueue queue({});
  JobId id = 0;
  for (int i = 0; i < 300; ++i) queue.push(task(++id, 0, "busy"));
  for (int i = 0; i < 100; ++i) queue.pop(0);
  for (int i = 0; i < 300; ++i) queue.push(task(++id, 0, "new"));
  std::map<std::string, int> starts;
  for (int i = 0; i < 100; ++i) ++starts[queue.pop(0)->lane];
  EXPECT_NEAR(starts["new"], 50, 1);
}

TEST(ReadyQueue, ALaneKeepsToItsLimitAndTheOthersGoOn) {
  ReadyQueue queue({.lanes = {{"slow", {.concurrency = 2}}}});
  for (JobId id = 1; id <= 4; ++id) queue.push(task(id, 0, "slow"));
  for (JobId id = 5; id <= 6; ++id) queue.push(task(id, 0, "other"));
  EXPECT_EQ(pop_all(queue).size(), 4U);
  queue.finish(task(1, 0, "slow"));
  EXPECT_EQ(pop_all(queue), (std::vector<JobId>{3}));
}

TEST(ReadyQueue, StartsAreSpacedByTheRate) {
  ReadyQueue queue({.per_second = 10, .lanes = {}});
  for (JobId id = 1; id <= 30; ++id) queue.push(task(id));
  std::size_t started = 0;
  for (MonoNs now = 0; now < second; now += second / 1'000)
    started += pop_all(queue, now).size();
  EXPECT_GE(started, 10U);
  EXPECT_LE(started, 12U);  // and the burst
  EXPECT_FALSE(queue.pop(second - second / 1'000));
  const auto wake = queue.wake_at(second - second / 1'000);
  ASSERT_TRUE(wake);
  EXPECT_TRUE(queue.pop(*wake));
}

TEST(ReadyQueue, NothingWakesAnEmptyQueue) {
  ReadyQueue queue({});
  EXPECT_FALSE(queue.wake_at(0));
  queue.push(task(1, 0, "gone"));
  queue.finish(*queue.pop(0));
  EXPECT_FALSE(queue.pop(0));
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace horolog::worker
