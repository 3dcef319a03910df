#include <random>

#include "tests/timekeeping/oracle.hpp"
#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

std::vector<Rule> random_rules(std::mt19937_64& random, std::size_t count) {
  static constexpr std::array zones = {"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia",
                                       "Africa/Casablanca", "Australia/Lord_Howe", "+05:45"};
  static constexpr std::array gaps = {"next-valid", "skip", "shift"};
  static constexpr std::array folds = {"first", "both", "last"};
  CalendarRules rules;
  rules.weekly[0] = true;
  for (DayNumber day = 14'000; day < 20'000; day += 5) rules.dates.push_back(day);
  const auto calendar = std::make_shared<const Calendar>(rules);
  std::vector<Rule> out;
  while (out.size() < count) {
    RuleText text{.timezone = zones[random() % zones.size()],
                  .dst_gap = gaps[random() % 3],
                  .dst_fold = folds[random() % 3]};
    RuleContext context{.key = std::to_string(random())};
    if (random() % 5 == 0) context.calendar = calendar;
    if (random() % 10 == 0) {
      text.every = std::to_string(1 + random() % 90'000) + "s";
    } else {
      text.cron = PlainCron::random(random).text;
      if (random() % 3 == 0) *text.cron = std::to_string(random() % 60) + " " + *text.cron;
      if (context.calendar && random() % 2 == 0) {
        text.shift = random() % 2 == 0 ? "next" : "previous";
      }
    }
    out.push_back(parsed(text, context));
  }
  return out;
}

// From any moment: next() is later, nothing lies between, and between() lists the same.
TEST(Property, NextIsStrictlyIncreasingAndAgreesWithBetween) {
  std::mt19937_64 random(99);
  const TimestampMs begin = day_number(2008, 1, 1) * day_ms, span = 9'000 * day_ms;
  std::uint64_t compared = 0;
  for (const Rule& rule : random_rules(random, 1'500)) {
    const TimestampMs from =
        begin + static_cast<TimestampMs>(random() % static_cast<std::uint64_t>(span));
    TimestampMs after = from - 1;
    std::vector<TimestampMs> chain;
    while (chain.size() < 40) {
      const auto next = rule.next(after);
      if (!next) break;
      ASSERT_GT(*next, after);
      ASSERT_TRUE(rule.fires_at(*next));
      // Asked from anywhere in between, the answer is the same.
      const auto gap = static_cast<std::uint64_t>(*next - after);
      const TimestampMs between = after + static_cast<TimestampMs>(random() % gap);
      ASSERT_EQ(rule.next(between), next);
      chain.push_back(*next);
      after = *next;
    }
    if (chain.empty()) continue;
    ASSERT_EQ(rule.between(from, chain.back() + 1), chain);
    ASSERT_EQ(rule.next(from - 1, chain.size()), chain);
    ASSERT_EQ(rule.between(from, chain.back()).size(), chain.size() - 1) << "the end is open";
    compared += chain.size();
  }
  EXPECT_GT(compared, 40'000u);
}

TEST(Property, TimesOutsideTheYearsOneTo2399AreHarmless) {
  const Rule rule = parsed({.cron = "0 7 * * *", .timezone = "Europe/Berlin"});
  EXPECT_TRUE(rule.next(std::numeric_limits<TimestampMs>::min()).has_value());
  EXPECT_FALSE(rule.next(std::numeric_limits<TimestampMs>::max()).has_value());
  EXPECT_TRUE(rule.between(std::numeric_limits<TimestampMs>::max(), 0).empty());
  EXPECT_TRUE(rule.next(std::numeric_limits<TimestampMs>::max(), 3).empty());
}

TEST(Property, DatesAndWeekdays) {
  EXPECT_EQ(parse_date("2028-02-29"), day_number(2028, 2, 29));
  for (const char* text : {"2027-02-29", "2028-2-29", "2028-13-01", "x028-01-01", "2028-01-01Z",
                           "0000-01-01", ""}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_month_day("02-29"), std::chrono::February / 29);
  EXPECT_EQ(parse_month_day("02-30"), std::nullopt);
  EXPECT_EQ(parse_weekday("Sat"), 6u);
  EXPECT_EQ(parse_weekday("sunday"), 0u);
  EXPECT_EQ(parse_weekday("3"), 3u);
  EXPECT_EQ(parse_weekday("7"), std::nullopt);
}

TEST(Property, DurationsAndInstantsRoundTrip) {
  std::mt19937_64 random(3);
  const Zone berlin = Zone::load("Europe/Berlin").value();
  for (int i = 0; i < 20'000; ++i) {
    const auto at =
        static_cast<TimestampMs>(random() % 10'000'000'000'000ULL) - 2'000'000'000'000;
    ASSERT_EQ(parse_instant(format_instant(at, berlin), "test").value(), at)
        << format_instant(at, berlin);
    const auto length = static_cast<DurationMs>(random() % 1'000'000'000);
    ASSERT_EQ(parse_duration(format_duration(length), DurationStyle::any, "test").value(), length);
  }
}

}  // namespace
}  // namespace horolog::timekeeping::testing
