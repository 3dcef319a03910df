#include "bench/results/compare.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace horolog::bench {
namespace {

const std::vector<double> five = {100, 101, 102, 103, 104};

TEST(Judge, ASeparateSetOfFiveStandsOut) {
  const std::vector<double> more = {120, 121, 122, 123, 124};
  EXPECT_EQ(judge(five, more, true).verdict, Verdict::better);
  EXPECT_EQ(judge(five, more, false).verdict, Verdict::worse);
  EXPECT_EQ(judge(more, five, true).verdict, Verdict::worse);
  EXPECT_NEAR(judge(five, more, true).ratio, 122.0 / 102, 1e-9);
  // Two of the 252 ways to deal ten samples are as far apart.
  EXPECT_NEAR(judge(five, more, true).chance, 2.0 / 252, 1e-9);
}

TEST(Judge, NoiseIsNoVerdict) {
  const std::vector<double> wide = {60, 90, 125, 140, 180};
  EXPECT_EQ(judge(five, wide, true).verdict, Verdict::same);
  EXPECT_EQ(judge(five, five, true).verdict, Verdict::same);
  EXPECT_NEAR(judge(five, five, true).chance, 1, 0.1);
}

TEST(Judge, ASureButTinyDifferenceIsNone) {
  const std::vector<double> hair = {105, 105.1, 105.2, 105.3, 105.4};
  const std::vector<double> near = {103, 103.1, 103.2, 103.3, 103.4};
  EXPECT_LT(judge(near, hair, true).chance, 0.05);
  EXPECT_EQ(judge(near, hair, true).verdict, Verdict::same);
}

TEST(Judge, ThreeRepetitionsNeverTell) {
  EXPECT_EQ(judge({1, 2, 3}, {100, 200, 300}, true).verdict, Verdict::too_few);
  EXPECT_EQ(judge({1, 2, 3, 4}, {100, 200, 300, 400}, true).verdict, Verdict::better);
  EXPECT_EQ(judge({}, five, true).verdict, Verdict::too_few);
}

TEST(Judge, AllZeroIsTheSame) {
  const std::vector<double> zero(5, 0.0);
  EXPECT_EQ(judge(zero, zero, true).verdict, Verdict::same);
  EXPECT_EQ(judge(zero, zero, true).ratio, 1);
}

Document document_of(double rate, const std::string& kernel) {
  Document document;
  document.machine = {{"kernel", kernel}};
  for (int n = 1; n <= 5; ++n) {
    document.runs.push_back(
        parse_run("w", "s", n, fmt::format(R"({{"mb_per_s":{}}})", rate + n)).value());
  }
  return document;
}

TEST(Compare, TellsWhatGotWorseAndThatTheMachineDiffers) {
  const std::string text = write_comparison(document_of(200, "6.1"), document_of(100, "6.2"));
  EXPECT_NE(text.find("WORSE"), std::string::npos) << text;
  EXPECT_NE(text.find("kernel: 6.1 -> 6.2"), std::string::npos) << text;
  EXPECT_EQ(write_comparison({}, document_of(1, "x")), "nothing was measured in both\n");
}

}  // namespace
}  // namespace horolog::bench
