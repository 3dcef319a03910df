// Every policy against a walk through all minutes around every change of the clock in 30 zones, and
// through 200 random days. HOROLOG_TEST_SCALE widens it: more crons, and all years 1970 to 2037.
#include "tests/timekeeping/oracle.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

constexpr std::array zones = {
    "UTC",                "Europe/Berlin",       "Europe/London",      "Europe/Dublin",
    "Europe/Moscow",      "Europe/Istanbul",     "America/New_York",   "America/Chicago",
    "America/Los_Angeles", "America/Sao_Paulo",  "America/Havana",     "America/Santiago",
    "America/St_Johns",   "America/Caracas",     "America/Asuncion",   "America/Scoresbysund",
    "Africa/Cairo",       "Africa/Casablanca",   "Africa/Windhoek",    "Asia/Beirut",
    "Asia/Tehran",        "Asia/Kolkata",        "Asia/Kathmandu",     "Asia/Gaza",
    "Asia/Pyongyang",     "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia",
    "Pacific/Chatham",    "Pacific/Kiritimati"};

long environment(const char* name, long otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::strtol(given, nullptr, 10) : otherwise;
}

constexpr std::int64_t hour = 60, day = 24 * hour;
constexpr std::int64_t margin = 26 * hour;  // what happens before and behind is seen too

std::int64_t year_start(int year) {
  return static_cast<std::int64_t>(cctz::civil_day(year, 1, 1) - cctz::civil_day()) * day;
}

/// Stretches of UTC minutes worth a walk: 36 h on each side of every change, joined where they
/// touch, and single random days.
std::vector<std::pair<std::int64_t, std::int64_t>> stretches(const cctz::time_zone& zone,
                                                             int first_year, int last_year,
                                                             std::mt19937_64& random) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  const auto offset = [&](std::int64_t minute) {
    return zone.lookup(cctz::time_point<cctz::seconds>(cctz::seconds(minute * 60))).offset;
  };
  const std::int64_t begin = year_start(first_year), end = year_start(last_year + 1);
  for (std::int64_t m = begin; m < end; m += 12 * hour) {
    if (offset(m) == offset(m + 12 * hour)) continue;
    const std::int64_t from = m - 36 * hour, until = m + 48 * hour;
    if (!out.empty() && out.back().second >= from - 2 * margin) {
      out.back().second = until;
    } else {
      out.emplace_back(from, until);
    }
  }
  for (int i = 0; i < 200; ++i) {
    const auto days = static_cast<std::uint64_t>((end - begin) / day);
    const auto from = begin + static_cast<std::int64_t>(random() % days) * day;
    out.emplace_back(from, from + day);
  }
  return out;
}

struct Counts {
  std::uint64_t minutes = 0, fires = 0;
};

void compare(const PlainCron& plain, const WallMinutes& walls, const char* zone, Counts& counts) {
  static constexpr std::array gaps = {Gap::next_valid, Gap::skip, Gap::shift};
  static constexpr std::array folds = {Fold::first, Fold::both, Fold::last};
  const std::int64_t from = walls.first_minute + margin;
  const std::int64_t until =
      walls.first_minute + static_cast<std::int64_t>(walls.shown.size()) - margin;
  // Without a change of the clock inside every policy says the same.
  const bool changes = std::adjacent_find(walls.shown.begin(), walls.shown.end(),
                                          [](auto a, auto b) { return b != a + 1; }) !=
                       walls.shown.end();
  for (std::size_t i = 0; i < 9; i += changes && !plain.follows_real_time() ? 1 : 9) {
    const Gap gap = gaps[i / 3];
    const Fold fold = folds[i % 3];
    std::vector<TimestampMs> expected;
    for (const std::int64_t minute : walk(plain, walls, gap, fold)) {
      if (minute >= from && minute < until) expected.push_back(minute * 60'000);
    }
    const Rule rule = parsed({.cron = plain.text, .timezone = zone,
                              .dst_gap = std::string(to_string(gap)),
                              .dst_fold = std::string(to_string(fold))});
    const auto got = rule.between(from * 60'000, until * 60'000);
    counts.minutes += static_cast<std::uint64_t>(until - from);
    counts.fires += got.size();
    if (got == expected) continue;
    const auto differs = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
    const auto said = [&](auto it, const auto& all) {
      return it == all.end() ? std::string("nothing") : format_instant(*it, rule.zone());
    };
    FAIL() << fmt::format("{} in {}, gap {}, fold {}: next says {}, the walk {}", plain.text, zone,
                          to_string(gap), to_string(fold), said(differs.first, got),
                          said(differs.second, expected));
  }
}

TEST(Oracle, NextAgreesWithAWalkThroughEveryMinute) {
  const long scale = environment("HOROLOG_TEST_SCALE", 1);
  const long seed = environment("HOROLOG_TEST_SEED", 20'261'128);
  const int first_year = scale > 1 ? 1973 : 2010, last_year = scale > 1 ? 2037 : 2029;
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  Counts counts;
  for (const char* name : zones) {
    cctz::time_zone zone;
    ASSERT_TRUE(cctz::load_time_zone(name, &zone)) << name;
    std::vector<PlainCron> crons;
    const long count = (sanitized ? 0 : 4) + scale;
    for (long i = 0; i < count; ++i) crons.push_back(PlainCron::random(random));
    for (const auto& [from, until] : stretches(zone, first_year, last_year, random)) {
      const auto walls = WallMinutes::look(
          zone, from - margin, static_cast<std::size_t>(until - from + 2 * margin));
      for (const PlainCron& plain : crons) {
        compare(plain, walls, name, counts);
        if (::testing::Test::HasFatalFailure()) {
          FAIL() << "HOROLOG_TEST_SEED=" << seed;
        }
      }
    }
  }
  EXPECT_GT(counts.fires, 100'000u);
  fmt::print("seed {}: {} minutes walked, {} fires compared\n", seed, counts.minutes,
             counts.fires);
}

}  // namespace
}  // namespace horolog::timekeeping::testing
