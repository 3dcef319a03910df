#include "timekeeping/heat_map.hpp"

#include <gtest/gtest.h>

namespace horolog::timekeeping::testing {
namespace {

TEST(HeatMap, DaysAsACalendar) {
  // From Wednesday 2026-01-28 on; nothing on weekends, one more every five days.
  std::vector<std::uint64_t> counts;
  const DayNumber first = day_number(2026, 1, 28);
  for (DayNumber n = 0; n < 19; ++n) {
    const unsigned weekday = weekday_of(first + n);
    counts.push_back(weekday == 0 || weekday == 6 ? 0 : static_cast<std::uint64_t>(n) / 5 + 1);
  }
  EXPECT_EQ(render_days(first, counts),
            "    Jan 2026\n"
            "Mon   ▒▒▓▓\n"
            "Tue   ▒▒▓▓\n"
            "Wed ░░▒▒▓▓\n"
            "Thu ░░▒▒██\n"
            "Fri ░░▒▒██\n"
            "Sat · · ·\n"
            "Sun · · ·\n"
            "    ·  none   ░░ 1   ▒▒ 2   ▓▓ 3   ██ 4\n");
}

TEST(HeatMap, ALongOneGoesOnBelow) {
  const std::vector<std::uint64_t> counts(365, 7);
  const HeatMapStyle narrow{.color = false, .width = 60};
  const std::string map = render_days(day_number(2026, 1, 1), counts, narrow);
  std::size_t lines = 0, begin = 0;
  while (begin < map.size()) {
    const std::size_t end = map.find('\n', begin);
    const std::string line = map.substr(begin, end - begin);
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    EXPECT_LE(columns, 68u) << line;
    ++lines;
    begin = end + 1;
  }
  EXPECT_EQ(lines, 2u * 8 + 1);
  EXPECT_NE(map.find("Aug"), std::string::npos);
}

TEST(HeatMap, HoursOfTheWeek) {
  HoursOfWeek counts{};
  counts[0][7] = 10;
  counts[6][23] = 100;
  const std::string map = render_hours(counts);
  EXPECT_NE(map.find("Mon · · · · · · · ░░· "), std::string::npos) << map;
  EXPECT_NE(map.find("· ██\n    ·  none   ░░ 1-25   ▒▒ 26-50   ▓▓ 51-75   ██ 76-100\n"),
            std::string::npos)
      << map;
  EXPECT_NE(render_hours(counts, {.color = true, .width = 80}).find("\x1b[48;5;46m"),
            std::string::npos);
  EXPECT_EQ(render_days(0, {}), "    ·  none\n");
}

}  // namespace
}  // namespace horolog::timekeeping::testing
