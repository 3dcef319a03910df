#include "tools/group_status.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace horolog::command {
namespace {

/// A look each second: {committed, end}.
std::vector<LagSample> window(const std::vector<std::pair<Offset, Offset>>& looks) {
  std::vector<LagSample> samples;
  TimestampMs time = 0;
  for (const auto& [committed, end] : looks) samples.push_back({time += 1000, committed, end});
  return samples;
}

TEST(GroupStatus, BurrowsRules) {
  const auto status = [](const std::vector<std::pair<Offset, Offset>>& looks, bool owned = true) {
    return evaluate(window(looks), owned);
  };
  EXPECT_EQ(status({}), LagStatus::unknown);
  EXPECT_EQ(status({{-1, 10}}), LagStatus::unknown);
  // Any look without lag is enough.
  EXPECT_EQ(status({{10, 10}, {10, 20}, {10, 30}}), LagStatus::ok);
  EXPECT_EQ(status({{5, 10}, {10, 10}, {10, 30}}), LagStatus::ok);
  // It moves and the lag falls somewhere.
  EXPECT_EQ(status({{0, 100}, {50, 110}, {60, 150}}), LagStatus::ok);
  // It moves, and the lag never falls.
  EXPECT_EQ(status({{0, 100}, {10, 110}, {20, 130}}), LagStatus::warn);
  // It stands still.
  EXPECT_EQ(status({{5, 100}, {5, 100}}), LagStatus::stalled);
  EXPECT_EQ(status({{5, 100}, {5, 120}}), LagStatus::stalled);
  // It went back.
  EXPECT_EQ(status({{5, 100}, {4, 100}}), LagStatus::rewound);
  EXPECT_EQ(status({{5, 100}}, false), LagStatus::stopped);
  EXPECT_EQ(status({{10, 10}}, false), LagStatus::ok);
  // A single look cannot tell.
  EXPECT_EQ(status({{5, 100}}), LagStatus::ok);
}

TEST(GroupStatus, TheWorstCounts) {
  EXPECT_EQ(worst(LagStatus::unknown, LagStatus::ok), LagStatus::ok);
  EXPECT_EQ(worst(LagStatus::stalled, LagStatus::warn), LagStatus::stalled);
  EXPECT_EQ(worst(LagStatus::ok, LagStatus::stopped), LagStatus::stopped);
}

TEST(GroupStatus, RatesAndTheTimeToCatchUp) {
  const auto none = rates(window({{5, 10}}));
  EXPECT_FALSE(none.in_per_s || none.out_per_s || none.catch_up_ms);
  const auto gains = rates(window({{0, 100}, {50, 110}, {60, 120}}));
  EXPECT_DOUBLE_EQ(*gains.in_per_s, 10);
  EXPECT_DOUBLE_EQ(*gains.out_per_s, 30);
  EXPECT_EQ(gains.catch_up_ms, 3000);
  EXPECT_FALSE(rates(window({{0, 100}, {5, 110}})).catch_up_ms);
  EXPECT_EQ(rates(window({{0, 100}, {100, 100}})).catch_up_ms, 0);
  EXPECT_FALSE(rates(window({{-1, 100}, {5, 110}})).out_per_s);
}

}  // namespace
}  // namespace horolog::command
