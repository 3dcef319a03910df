#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

using Times = std::vector<std::string>;

TEST(Rule, WeekdaysAtSevenInBerlinOverTheChangeOfTheClock) {
  const Rule rule = cron("0 7 * * MON-FRI", {.timezone = "Europe/Berlin"});
  EXPECT_EQ(times(rule, "2026-03-26T12:00:00Z", 3),
            (Times{"2026-03-27T07:00:00+01:00", "2026-03-30T07:00:00+02:00",
                   "2026-03-31T07:00:00+02:00"}));
}

TEST(Rule, GapPolicies) {
  const char* from = "2026-03-28T12:00:00Z";
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin"}), from, 2),
            (Times{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}));
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin", .dst_gap = "skip"}), from, 1),
            (Times{"2026-03-30T02:30:00+02:00"}));
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin", .dst_gap = "shift"}), from, 1),
            (Times{"2026-03-29T03:30:00+02:00"}));
  // Two lost times and one of its own at the same instant are one fire.
  EXPECT_EQ(times(cron("0,30 2,3 * * *", {.timezone = "Europe/Berlin"}), from, 2),
            (Times{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}));
}

TEST(Rule, FoldPolicies) {
  const char* from = "2026-10-24T12:00:00Z";
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin"}), from, 2),
            (Times{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}));
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin", .dst_fold = "last"}), from, 1),
            (Times{"2026-10-25T02:30:00+01:00"}));
  EXPECT_EQ(times(cron("30 2 * * *", {.timezone = "Europe/Berlin", .dst_fold = "both"}), from, 2),
            (Times{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}));
}

TEST(Rule, AMinuteOrHourWithAStarFollowsRealTime) {
  EXPECT_EQ(times(cron("0 * * * *", {.timezone = "Europe/Berlin"}), "2026-10-25T00:30:00+02:00", 4),
            (Times{"2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00",
                   "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}));
  EXPECT_EQ(times(cron("*/30 2 * * *", {.timezone = "Europe/Berlin"}), "2026-03-28T12:00:00Z", 1),
            (Times{"2026-03-30T02:00:00+02:00"}));
}

TEST(Rule, MidnightsThatAreMissing) {
  for (const char* dialect : {"standard", "robfig"}) {
    EXPECT_EQ(times(cron("0 0 * * *", {.timezone = "America/Sao_Paulo", .dialect = dialect}),
                    "2018-11-03T12:00:00Z", 2),
              (Times{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}))
        << dialect;
    EXPECT_EQ(times(cron("0 0 * * *", {.timezone = "Asia/Beirut", .dialect = dialect}),
                    "2016-03-26T12:00:00Z", 1),
              (Times{"2016-03-27T01:00:00+03:00"}))
        << dialect;
    EXPECT_EQ(times(cron("0 5 * * *", {.timezone = "Australia/Lord_Howe", .dialect = dialect}),
                    "2026-10-03T00:00:00+10:30", 2),
              (Times{"2026-10-03T05:00:00+10:30", "2026-10-04T05:00:00+11:00"}))
        << dialect;
  }
}

TEST(Rule, TheDayThatApiaNeverHad) {
  EXPECT_EQ(times(cron("0 9 30 12 *", {.timezone = "Pacific/Apia"}), "2011-12-01T00:00:00Z", 2),
            (Times{"2011-12-31T00:00:00+14:00", "2012-12-30T09:00:00+14:00"}));
  EXPECT_EQ(times(cron("0 9 30 12 *", {.timezone = "Pacific/Apia", .dialect = "robfig"}),
                  "2011-12-01T00:00:00Z", 1),
            (Times{"2012-12-30T09:00:00+14:00"}));
  EXPECT_EQ(times(cron("0 9 * * *", {.timezone = "Pacific/Apia", .dst_gap = "skip"}),
                  "2011-12-29T00:00:00Z", 3),
            (Times{"2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00",
                   "2012-01-01T09:00:00+14:00"}));
}

TEST(Rule, LongWaitsAndProofsOfNothing) {
  EXPECT_EQ(times(cron("0 0 29 2 *", {}), "2096-03-01T00:00:00Z", 1),
            (Times{"2104-02-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 ? 2 MON#5", {}), "2060-01-01T00:00:00Z", 1),
            (Times{"2072-02-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 30 2 *", {.timezone = "Europe/Berlin"}), "2026-01-01T00:00:00Z", 1),
            Times{});
  EXPECT_EQ(times(cron("0 0 0 1 1 * 2027", {}), "2026-01-01T00:00:00Z", 5),
            (Times{"2027-01-01T00:00:00Z"}));
}

TEST(Rule, DaysFromTheEndAndNearestAndNth) {
  EXPECT_EQ(times(cron("0 0 L * *", {}), "2028-01-15T00:00:00Z", 3),
            (Times{"2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 L-3 * ?", {}), "2026-02-01T00:00:00Z", 1),
            (Times{"2026-02-25T00:00:00Z"}));
  // 2026-08-15 is a Saturday, 2026-11-15 a Sunday; the 1st of August too is a Saturday.
  EXPECT_EQ(times(cron("0 0 15W 8,11 *", {}), "2026-01-01T00:00:00Z", 2),
            (Times{"2026-08-14T00:00:00Z", "2026-11-16T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 1W 8 *", {}), "2026-01-01T00:00:00Z", 1),
            (Times{"2026-08-03T00:00:00Z"}));
  // Months without a 31st have no nearest day to it either.
  EXPECT_EQ(times(cron("0 0 31W * *", {}), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-01-30T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 LW 5 *", {}), "2026-01-01T00:00:00Z", 1),
            (Times{"2026-05-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 * * FRIL", {}), "2026-01-01T00:00:00Z", 2),
            (Times{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 * * 2#2", {}), "2026-11-01T00:00:00Z", 1),
            (Times{"2026-11-10T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 12 ? * 3#2", {.dialect = "quartz"}), "2026-11-01T00:00:00Z", 1),
            (Times{"2026-11-10T12:00:00Z"}));
}

TEST(Rule, BothDayFields) {
  // The 13th or a Friday; with a star in front, both.
  EXPECT_EQ(times(cron("0 0 13 * FRI", {}), "2026-11-01T00:00:00Z", 3),
            (Times{"2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 */2 * MON", {}), "2026-11-01T00:00:00Z", 2),
            (Times{"2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 */2 * MON", {.dialect = "robfig"}), "2026-11-01T00:00:00Z", 2),
            (Times{"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"}));
}

TEST(Rule, RangesWrapAndSevenIsSunday) {
  EXPECT_EQ(times(cron("0 22-2/2 * * *", {}), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-01-01T02:00:00Z", "2026-01-01T22:00:00Z", "2026-01-02T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 * * FRI-SUNDAY", {}), "2026-11-25T00:00:00Z", 3),
            (Times{"2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 * * 7", {}), "2026-11-25T00:00:00Z", 1),
            (Times{"2026-11-29T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 ? * 1", {.dialect = "standard"}), "2026-11-25T00:00:00Z", 1),
            (Times{"2026-11-30T00:00:00Z"}));
  EXPECT_EQ(times(cron("0 0 0 ? * 1", {.dialect = "quartz"}), "2026-11-25T00:00:00Z", 1),
            (Times{"2026-11-29T00:00:00Z"}));
}

TEST(Rule, IntervalsAreAlignedToTheEpochExceptRobfigs) {
  EXPECT_EQ(times(parsed({.every = "15m", .phase = "1m"}), "2026-01-01T00:10:00Z", 2),
            (Times{"2026-01-01T00:16:00Z", "2026-01-01T00:31:00Z"}));
  EXPECT_EQ(times(cron("@every 1h", {}), "2026-01-01T00:10:00Z", 1),
            (Times{"2026-01-01T01:00:00Z"}));
  const auto created = parse_instant("2026-01-01T00:10:07.250Z", "test").value();
  RuleContext context{.created = created};
  const Rule rule = Rule::parse({.cron = "@every 1h", .dialect = "robfig"}, context).value();
  EXPECT_EQ(times(rule, "2025-01-01T00:00:00Z", 2),
            (Times{"2026-01-01T01:10:07Z", "2026-01-01T02:10:07Z"}));
}

TEST(Rule, AtAndDelayFireOnce) {
  EXPECT_EQ(times(parsed({.at = "2026-03-28T07:00:00.250+01:00"}), "2026-01-01T00:00:00Z", 3),
            (Times{"2026-03-28T06:00:00.250Z"}));
  EXPECT_EQ(times(parsed({.at = "1774677600000"}), "2026-01-01T00:00:00Z", 1),
            (Times{"2026-03-28T06:00:00Z"}));
  RuleContext context{.created = parse_instant("2026-01-01T00:00:00Z", "test").value()};
  for (const char* delay : {"1h30m", "PT1H30M", "90m", "5400s", "1.5h"}) {
    const Rule rule = Rule::parse({.delay = delay}, context).value();
    EXPECT_EQ(times(rule, "2026-01-01T00:00:00Z", 2), (Times{"2026-01-01T01:30:00Z"})) << delay;
  }
}

TEST(Rule, StartEndAndLimit) {
  const Rule rule = parsed({.cron = "0 7 * * *", .start = "2026-02-01T07:00:00Z",
                            .end = "2026-02-04T07:00:00Z", .limit = "3"});
  EXPECT_EQ(times(rule, "2026-01-01T00:00:00Z", 9),
            (Times{"2026-02-01T07:00:00Z", "2026-02-02T07:00:00Z", "2026-02-03T07:00:00Z"}));
  const auto after = parse_instant("2026-02-03T07:00:00Z", "test").value();
  EXPECT_EQ(rule.next(after, 9, 2).size(), 1u) << "the end itself still fires";
  EXPECT_EQ(rule.next(after, 9, 3).size(), 0u);
}

TEST(Rule, JitterIsStableAndStaysBeforeTheNextTime) {
  RuleContext context{.key = "report:eu"};
  const Rule rule = Rule::parse({.every = "1s", .jitter = "5s"}, context).value();
  const Rule same = Rule::parse({.every = "1s", .jitter = "5s"}, context).value();
  std::set<TimestampMs> offsets;
  for (const TimestampMs nominal : rule.between(0, 100'000)) {
    const TimestampMs due = rule.due(nominal);
    EXPECT_GE(due, nominal);
    EXPECT_LT(due, nominal + 1'000);
    EXPECT_EQ(due, same.due(nominal));
    offsets.insert(due - nominal);
  }
  EXPECT_GT(offsets.size(), 50u);
}

TEST(Rule, HashedFieldsDependOnTheKeyAlone) {
  std::set<TimestampMs> first;
  for (int i = 0; i < 200; ++i) {
    RuleContext context{.key = "job-" + std::to_string(i)};
    const Rule rule = Rule::parse({.cron = "H H(2-4) * * *"}, context).value();
    const auto at = rule.next(0).value();
    EXPECT_EQ(at, Rule::parse({.cron = "H H(2-4) * * *"}, context).value().next(0));
    EXPECT_GE(at, 2 * hour_ms);
    EXPECT_LT(at, 5 * hour_ms);
    first.insert(at);
  }
  EXPECT_GT(first.size(), 100u);
  RuleContext context{.key = "job"};
  const Rule rule = Rule::parse({.cron = "H/15 * * * *"}, context).value();
  EXPECT_EQ(rule.between(0, hour_ms).size(), 4u);
}

}  // namespace
}  // namespace horolog::timekeeping::testing
