#include "tools/timestamp_search.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace horolog::command {
namespace {

/// Searches a log whose records have these timestamps; the number of questions goes to `asked`.
std::optional<TimestampMs> search(const std::vector<TimestampMs>& log, Offset offset, int& asked) {
  const auto size = static_cast<Offset>(log.size());
  TimestampSearch machine(offset, offset + 1 == size, log.back());
  asked = 0;
  while (const auto time = machine.next()) {
    if (++asked > TimestampSearch::most_rounds) return std::nullopt;
    const auto found = std::lower_bound(log.begin(), log.end(), *time);
    if (found == log.end()) {
      machine.answer(std::nullopt, no_timestamp);
    } else {
      machine.answer(found - log.begin(), *found);
    }
  }
  return machine.result();
}

TEST(TimestampSearch, FindsEveryRecordOfRandomLogs) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<TimestampMs> log;
    TimestampMs time = 1'700'000'000'000;
    // Equal timestamps, as in one batch, and long gaps.
    std::uniform_int_distribution<int> step(0, 3);
    for (int i = 0; i < 100; ++i) {
      const int kind = step(random);
      time += kind == 0 ? 0 : kind == 1 ? 1 : kind == 2 ? 1000 : 86'400'000;
      log.push_back(time);
    }
    for (Offset offset = 0; offset < 100; ++offset) {
      int asked = 0;
      ASSERT_EQ(search(log, offset, asked), log[static_cast<std::size_t>(offset)]) << offset;
    }
  }
}

TEST(TimestampSearch, TheEndsAreQuick) {
  const std::vector<TimestampMs> log{1'700'000'000'000, 1'700'000'500'000, 1'700'001'000'000};
  int asked = 0;
  EXPECT_EQ(search(log, 0, asked), log[0]);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(search(log, 2, asked), log[2]);
  EXPECT_EQ(asked, 2);
}

TEST(TimestampSearch, EndsWithTimestampsInAnyOrder) {
  TimestampSearch machine(5, false, 1000);
  int asked = 0;
  while (const auto time = machine.next()) {
    ASSERT_LE(++asked, TimestampSearch::most_rounds);
    machine.answer(*time % 2 == 0 ? std::optional<Offset>(2) : std::optional<Offset>(9), *time);
  }
  EXPECT_TRUE(machine.result().has_value());
}

}  // namespace
}  // namespace horolog::command
