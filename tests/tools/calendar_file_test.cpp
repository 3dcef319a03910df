#include "tools/calendar_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog::command {
namespace {

using testing::HasSubstr;
using timekeeping::Calendar;
using timekeeping::day_number;

TEST(CalendarFile, Yaml) {
  const auto file = parse_calendar(
      "name: de\nweekly: [SAT, Sunday]\ndates: [2026-04-03, 2026-12-24..2026-12-26]\n"
      "yearly: [01-01]\nworking: [2026-12-26]\n",
      "f.yaml");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->rules.name, "de");
  const Calendar calendar(file->rules);
  EXPECT_TRUE(calendar.is_off(day_number(2026, 4, 3)));
  EXPECT_TRUE(calendar.is_off(day_number(2026, 12, 25)));
  EXPECT_FALSE(calendar.is_off(day_number(2026, 12, 26)));
  EXPECT_TRUE(calendar.is_off(day_number(2030, 1, 1)));
  EXPECT_FALSE(calendar.is_off(day_number(2030, 1, 2)));
}

TEST(CalendarFile, ICalendarIsKnownByItsFirstLine) {
  const auto file = parse_calendar(
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\n"
      "BEGIN:VEVENT\r\nSUMMARY:tea\r\nDTSTART:20261225T160000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
      "f.ics");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->rules.dates.size(), 1u);
  EXPECT_THAT(file->left_out, testing::ElementsAre(HasSubstr("'tea'")));
}

TEST(CalendarFile, MistakesNameTheirPlace) {
  const std::pair<const char*, const char*> rows[] = {
      {"dates: [2026-02-30]", "f:1:9: '2026-02-30' is no date"},
      {"dates: [2026-02-03..2026-02-01]", "f:1:9: "},
      {"weekly: [FUNDAY]", "f:1:10: 'FUNDAY' is no day of the week"},
      {"name: a\nyearly: [13-01]", "f:2:10: '13-01' is no day of a year"},
      {"name: a\nholidays: []", "f:2:1: unknown key 'holidays'"},
      {"name: a\nname: b", "f:2:1: name stands twice"},
      {"dates: 2026-01-01", "f:1:1: dates is a list"},
      {"- a", "f:1:1: a calendar is a map"},
      {"dates: [", "f:"},
  };
  for (const auto& [text, part] : rows) {
    const auto file = parse_calendar(text, "f");
    ASSERT_FALSE(file) << text;
    EXPECT_THAT(file.error().message(), HasSubstr(part)) << text;
    EXPECT_EQ(file.error().code(), Errc::invalid_argument);
  }
  EXPECT_EQ(read_calendar("/nonexistent/calendar").error().code(), Errc::io);
}

}  // namespace
}  // namespace horolog::command
