#include "timekeeping/explain.hpp"

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

constexpr const char* today = "2026-01-15T12:00:00Z";

Explanation explained(const std::string& spec, RuleText text = {}) {
  return explain(cron(spec, std::move(text)), parse_instant(today, "test").value());
}

bool says(const Explanation& explanation, const std::string& part) {
  for (const std::string& surprise : explanation.surprises) {
    if (surprise.find(part) != std::string::npos) return true;
  }
  ADD_FAILURE() << "no surprise says: " << part << "; they are: "
                << ::testing::PrintToString(explanation.surprises);
  return false;
}

TEST(Explain, InWords) {
  const std::pair<const char*, const char*> rows[] = {
      {"0 7 * * MON-FRI", "at 07:00, from Monday to Friday, in UTC"},
      {"* * * * *", "every minute, in UTC"},
      {"* * * * * *", "every second, in UTC"},
      {"*/15 * * * *", "every 15 minutes, in UTC"},
      {"0 * * * *", "every hour, on the hour, in UTC"},
      {"0 */2 * * *", "on the hour, every 2 hours, every day, in UTC"},
      {"30 9-17 * * *", "in minute 30, in hours 9 to 17, every day, in UTC"},
      {"0 7,19 * * *", "at 07:00 and 19:00, every day, in UTC"},
      {"0 0 1 1 *", "at 00:00, on the 1st of the month, in January, in UTC"},
      {"0 0 L * *", "at 00:00, on the last day of the month, in UTC"},
      {"0 0 L-2 * *", "at 00:00, on the day 2 days before the last of the month, in UTC"},
      {"0 0 15W * *", "at 00:00, on the weekday nearest to the 15th of the month, in UTC"},
      {"0 0 LW * *", "at 00:00, on the last weekday of the month, in UTC"},
      {"0 0 * * 5L", "at 00:00, on the last Friday of the month, in UTC"},
      {"0 0 * * TUE#2", "at 00:00, on the 2nd Tuesday of the month, in UTC"},
      {"0 0 * * 6,0", "at 00:00, on Saturday and Sunday, in UTC"},
      {"0 0 13 * FRI",
       "at 00:00, on the 13th of the month and also on Friday, in UTC"},
      {"5 0 0 1 1 * 2027,2028",
       "at 00:00:05, on the 1st of the month, in January, in 2027 and 2028, in UTC"},
  };
  for (const auto& [spec, words] : rows) EXPECT_EQ(explained(spec).sentence, words) << spec;
  const RuleText bounded{.every = "90m", .phase = "5m", .end = "2027-01-01T00:00:00Z",
                         .limit = "10", .jitter = "30s"};
  EXPECT_EQ(explain(parsed(bounded), 0).sentence,
            "every 1h30m, counted from 1970-01-01T00:00:00Z plus 5m, up to 30s later, the same for "
            "each time, until 2027-01-01T00:00:00Z, 10 times at most");
}

TEST(Explain, SurprisesAreNamed) {
  EXPECT_TRUE(says(explained("0 0 31 * *"), "no day 31 in February, April, June"));
  EXPECT_TRUE(says(explained("0 0 29 2 *"), "leap years"));
  EXPECT_TRUE(says(explained("0 0 30 2 *"), "never fires"));
  EXPECT_TRUE(says(explained("0 0 13 * FRI"), "on days when either holds"));
  EXPECT_TRUE(says(explained("0 0 */2 * FRI"), "when both hold"));
  EXPECT_TRUE(says(explained("*/7 * * * *"), "the last wait is 4 minutes, not 7"));
  EXPECT_TRUE(says(explained("0 0 */2 * *"), "starts again on the 1st"));
  EXPECT_TRUE(says(explained("* 7 * * *"), "60 times in each of those hours"));
  EXPECT_TRUE(says(explained("* 0 7 * * *"), "60 times in each of those minutes"));
  EXPECT_TRUE(says(explained("0 0 0 1 1 * 2020"), "never fires again after"));
  EXPECT_TRUE(says(explain(parsed({.every = "7h"}), 0), "times of day move"));
}

TEST(Explain, ChangesOfTheClockAreNamedWithTheirDates) {
  const RuleText berlin{.timezone = "Europe/Berlin"};
  const Explanation early = explained("30 2 * * *", berlin);
  EXPECT_TRUE(says(early, "02:30 does not exist on 2026-03-29 in Europe/Berlin: "
                          "it fires at 03:00"));
  EXPECT_TRUE(says(early, "02:30 occurs twice on 2026-10-25 in Europe/Berlin: it fires the first"));
  EXPECT_TRUE(says(early, "2027-03-28"));
  RuleText skip = berlin;
  skip.dst_gap = "skip";
  skip.dst_fold = "both";
  EXPECT_TRUE(says(explained("30 2 * * *", skip), "2026-03-29 in Europe/Berlin: it does not fire"));
  EXPECT_TRUE(says(explained("30 2 * * *", skip), "it fires both times"));
  RuleText shift = berlin;
  shift.dst_gap = "shift";
  EXPECT_TRUE(says(explained("30 2 * * *", shift), "it fires 1h later"));
  EXPECT_TRUE(says(explained("*/20 2 * * *", berlin), "02:00, 02:20, 02:40 does not exist"));
  EXPECT_TRUE(explained("0 7 * * *", berlin).surprises.empty());
  EXPECT_TRUE(explained("* * * * *", berlin).surprises.empty());
  RuleText robfig = berlin;
  robfig.dialect = "robfig";
  EXPECT_TRUE(says(explained("30 2 * * *", robfig), "does not fire, as in robfig/cron"));
  robfig.timezone = "America/Sao_Paulo";
  const Rule midnight = cron("0 0 * * *", robfig);
  const auto then = parse_instant("2018-10-01T00:00:00Z", "test").value();
  EXPECT_TRUE(says(explain(midnight, then), "2018-11-04 in America/Sao_Paulo: it fires at 01:00"));
}

}  // namespace
}  // namespace horolog::timekeeping::testing
