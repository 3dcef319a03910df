#include "timekeeping/calendar.hpp"

#include <random>

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

using Times = std::vector<std::string>;

CalendarRules holidays() {
  CalendarRules rules;
  rules.name = "de";
  rules.weekly[0] = rules.weekly[6] = true;
  rules.dates = {day_number(2026, 4, 3), day_number(2026, 4, 6)};  // Good Friday, Easter Monday
  rules.yearly = {std::chrono::December / 25, std::chrono::December / 26};
  rules.working = {day_number(2026, 12, 26)};
  return rules;
}

RuleContext with(CalendarRules rules) {
  return {.key = "k", .calendar = std::make_shared<const Calendar>(std::move(rules), 42)};
}

TEST(Calendar, DaysOff) {
  const Calendar calendar(holidays(), 42);
  EXPECT_EQ(calendar.version(), 42);
  EXPECT_TRUE(calendar.is_off(day_number(2026, 4, 3)));
  EXPECT_TRUE(calendar.is_off(day_number(2026, 4, 4)));
  EXPECT_FALSE(calendar.is_off(day_number(2026, 4, 7)));
  EXPECT_TRUE(calendar.is_off(day_number(2031, 12, 25)));
  EXPECT_FALSE(calendar.is_off(day_number(2026, 12, 26))) << "a Saturday that is worked";
}

TEST(Calendar, ExcludesOrShifts) {
  const RuleContext context = with(holidays());
  EXPECT_EQ(times(cron("0 9 3-7 4 *", {.timezone = "Europe/Berlin"}, context),
                  "2026-01-01T00:00:00Z", 1),
            (Times{"2026-04-07T09:00:00+02:00"}));
  EXPECT_EQ(times(cron("0 9 3 4 *", {.timezone = "Europe/Berlin", .shift = "next"}, context),
                  "2026-01-01T00:00:00Z", 1),
            (Times{"2026-04-07T09:00:00+02:00"}));
  EXPECT_EQ(times(cron("0 9 6 4 *", {.timezone = "Europe/Berlin", .shift = "previous"}, context),
                  "2026-01-01T00:00:00Z", 1),
            (Times{"2026-04-02T09:00:00+02:00"}));
  // Friday to Monday are off and all shift to Tuesday, which has its own: one fire.
  EXPECT_EQ(times(cron("0 9 * 4 *", {.shift = "next"}, context), "2026-04-02T12:00:00Z", 2),
            (Times{"2026-04-07T09:00:00Z", "2026-04-08T09:00:00Z"}));
  // Out of the month, and out of the year.
  EXPECT_EQ(times(cron("0 9 31 1 *", {.shift = "next"}, context), "2026-01-15T00:00:00Z", 1),
            (Times{"2026-02-02T09:00:00Z"}));
  EXPECT_EQ(times(cron("0 9 1 1 *", {.shift = "previous"}, context), "2027-06-01T00:00:00Z", 1),
            (Times{"2027-12-31T09:00:00Z"}))
      << "2028-01-01 is a Saturday";
}

TEST(Calendar, AtAndEvery) {
  const RuleContext context = with(holidays());
  EXPECT_EQ(times(parsed({.at = "2026-04-03T09:00:00+02:00", .timezone = "Europe/Berlin"}, context),
                  "2026-01-01T00:00:00Z", 1),
            Times{});
  EXPECT_EQ(times(parsed({.at = "2026-04-03T09:00:00+02:00", .timezone = "Europe/Berlin",
                          .shift = "next"}, context),
                  "2026-01-01T00:00:00Z", 2),
            (Times{"2026-04-07T09:00:00+02:00"}));
  EXPECT_EQ(times(parsed({.every = "1s", .timezone = "Europe/Berlin"}, context),
                  "2026-04-02T23:59:58+02:00", 2),
            (Times{"2026-04-02T23:59:59+02:00", "2026-04-07T00:00:00+02:00"}));
  const auto refused = Rule::parse({.every = "1h", .shift = "next"}, context);
  ASSERT_FALSE(refused.ok());
}

TEST(Calendar, OneThatExcludesEverythingEndsTheSearch) {
  CalendarRules rules;
  rules.weekly.fill(true);
  EXPECT_TRUE(Calendar(rules).excludes_everything(20'000, 2'000));
  const RuleContext context = with(rules);
  EXPECT_EQ(cron("* * * * * *", {}, context).next(0), std::nullopt);
  EXPECT_EQ(cron("* * * * *", {.shift = "next"}, context).next(0), std::nullopt);
  EXPECT_EQ(parsed({.every = "1s"}, context).next(0), std::nullopt);
  EXPECT_EQ(parsed({.at = "1000", .shift = "next"}, context).next(0), std::nullopt);
}

// Day by day: which dates a daily cron fires on, with random days off.
TEST(Calendar, ShiftsAgreeWithAWalkThroughTheDays) {
  std::mt19937_64 random(7);
  const DayNumber first = day_number(2026, 1, 1), last = day_number(2029, 1, 1);
  for (int round = 0; round < 60; ++round) {
    CalendarRules rules;
    for (bool& off : rules.weekly) off = random() % 4 == 0;
    for (DayNumber day = first - 400; day < last + 400; ++day) {
      if (random() % 5 == 0) rules.dates.push_back(day);
    }
    const Calendar calendar(rules);
    const auto nth = 1 + static_cast<unsigned>(random() % 31);
    for (const char* shift : {"none", "next", "previous"}) {
      std::set<TimestampMs> expected;
      for (DayNumber day = first - 400; day < last + 400; ++day) {
        if (static_cast<unsigned>(date_of(day).day()) != nth) continue;
        const std::string_view how = shift;
        DayNumber target = day;
        const DayNumber step = how == "next" ? 1 : -1;
        while (calendar.is_off(target) && how != "none" && target > first - 400 &&
               target < last + 400) {
          target += step;
        }
        if (calendar.is_off(target) || target < first || target >= last) continue;
        expected.insert(target * day_ms);
      }
      const Rule rule = cron(std::to_string(0) + " 0 " + std::to_string(nth) + " * *",
                             {.shift = shift}, with(rules));
      const auto got = rule.between(first * day_ms, last * day_ms);
      ASSERT_EQ(got, std::vector<TimestampMs>(expected.begin(), expected.end()))
          << "round " << round << " day " << nth << " shift " << shift;
    }
  }
}

}  // namespace
}  // namespace horolog::timekeeping::testing
