#include "worker/concurrency_limit.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace horolog::worker {
namespace {

constexpr MonoNs ms = 1'000'000;

/// So many attempts by a handler whose latency depends on how many run; all places are taken.
void work(ConcurrencyLimit& limit, int attempts, const std::function<MonoNs(std::size_t)>& takes) {
  for (int i = 0; i < attempts; ++i) limit.sample(takes(limit.limit()), limit.limit());
}

TEST(ConcurrencyLimit, WithoutAFloorItStays) {
  ConcurrencyLimit limit(0, 8);
  work(limit, 1'000, [](std::size_t running) { return static_cast<MonoNs>(running) * 100 * ms; });
  EXPECT_EQ(limit.limit(), 8U);
}

TEST(ConcurrencyLimit, RisesToTheCeilingWhileNothingGetsSlower) {
  ConcurrencyLimit limit(2, 16);
  EXPECT_EQ(limit.limit(), 2U);
  work(limit, 1'000, [](std::size_t) { return 10 * ms; });
  EXPECT_EQ(limit.limit(), 16U);
}

TEST(ConcurrencyLimit, StaysWhereItIsWhileNobodyNeedsMore) {
  ConcurrencyLimit limit(4, 16);
  for (int i = 0; i < 1'000; ++i) limit.sample(10 * ms, 1);
  EXPECT_EQ(limit.limit(), 4U);
}

TEST(ConcurrencyLimit, SettlesBelowWhatMakesItSlow) {
  // Something shared serves 4 at a time; more of them only wait for each other.
  ConcurrencyLimit limit(1, 64);
  const auto takes = [](std::size_t running) {
    return running <= 4 ? 10 * ms : static_cast<MonoNs>(running) * 10 * ms / 4;
  };
  std::size_t highest = 0;
  for (int window = 0; window < 200; ++window) {
    work(limit, 100, takes);
    highest = std::max(highest, limit.limit());
  }
  EXPECT_GE(limit.limit(), 4U);
  EXPECT_LE(highest, 16U);
}

TEST(ConcurrencyLimit, FallsToTheFloorAndComesBack) {
  ConcurrencyLimit limit(2, 16);
  const auto quick = [](std::size_t) { return 10 * ms; };
  work(limit, 1'000, quick);
  work(limit, 400, [](std::size_t) { return 1'000 * ms; });
  EXPECT_EQ(limit.limit(), 2U);
  work(limit, 1'000, quick);
  EXPECT_EQ(limit.limit(), 16U);
}

TEST(ConcurrencyLimit, WorkThatStaysSlowerFindsItsLevelAgain) {
  ConcurrencyLimit limit(2, 16);
  work(limit, 1'000, [](std::size_t) { return 10 * ms; });
  work(limit, 10'000, [](std::size_t) { return 50 * ms; });
  EXPECT_EQ(limit.limit(), 16U);
}

}  // namespace
}  // namespace horolog::worker
