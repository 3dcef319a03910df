#include "base/log_limit.hpp"

#include <gtest/gtest.h>

namespace horolog::log {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

TEST(LogLimit, LeavesOutWhatIsTooMuchAndSaysHowMuchThatWas) {
  Limit limit(2);
  EXPECT_EQ(limit.admit(5), 0U);
  EXPECT_EQ(limit.admit(6), 0U);
  EXPECT_EQ(limit.admit(7), std::nullopt);
  EXPECT_EQ(limit.admit(4 + second_ns), std::nullopt);
  EXPECT_EQ(limit.admit(5 + second_ns), 2U);
  EXPECT_EQ(limit.admit(5 + second_ns), 0U);
  EXPECT_EQ(limit.admit(5 + second_ns), std::nullopt);
}

}  // namespace
}  // namespace horolog::log
