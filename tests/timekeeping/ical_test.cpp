#include "timekeeping/ical.hpp"

#include "tests/timekeeping/rules.hpp"

namespace horolog::timekeeping::testing {
namespace {

std::string calendar_of(const std::string& events) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:holidays\r\n" + events +
         "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
  return "BEGIN:VEVENT\r\nSUMMARY:a day\r\n" + lines + "END:VEVENT\r\n";
}

IcalDates read(const std::string& events) {
  auto out = read_ical(calendar_of(events));
  EXPECT_TRUE(out.ok()) << (out ? "" : out.error().message());
  return std::move(out).value();
}

TEST(Ical, WholeDays) {
  const IcalDates got = read(
      event("DTSTART;VALUE=DATE:20260403\r\n") +
      event("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n") +
      event("DTSTART;VALUE=D\r\n ATE:20260501\r\nDURATION:P2D\r\n"
            "BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nDURATION:PT5M\r\nEND:VALARM\r\n"));
  EXPECT_EQ(got.rules.name, "holidays");
  EXPECT_EQ(got.events, 3u);
  EXPECT_TRUE(got.left_out.empty());
  const Calendar calendar(got.rules);
  for (const auto& [month, day, off] :
       {std::tuple{4, 3, true}, {4, 4, false}, {12, 23, false}, {12, 24, true}, {12, 26, true},
        {12, 27, false}, {5, 1, true}, {5, 2, true}, {5, 3, false}}) {
    EXPECT_EQ(calendar.is_off(day_number(2026, static_cast<unsigned>(month),
                                         static_cast<unsigned>(day))),
              off)
        << month << "-" << day;
  }
}

TEST(Ical, EveryYear) {
  const IcalDates got =
      read(event("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n") +
           event("DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1\r\n") +
           event("DTSTART;VALUE=DATE:20240610\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n") +
           event("DTSTART;VALUE=DATE:20240710\r\nRRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20270101\r\n"));
  EXPECT_TRUE(got.left_out.empty());
  const Calendar calendar(got.rules);
  EXPECT_TRUE(calendar.is_off(day_number(2055, 12, 25)));
  EXPECT_TRUE(calendar.is_off(day_number(2055, 1, 1)));
  EXPECT_TRUE(calendar.is_off(day_number(2026, 6, 10)));
  EXPECT_FALSE(calendar.is_off(day_number(2027, 6, 10)));
  EXPECT_TRUE(calendar.is_off(day_number(2026, 7, 10)));
  EXPECT_FALSE(calendar.is_off(day_number(2025, 7, 10)));
  EXPECT_FALSE(calendar.is_off(day_number(2028, 7, 10)));
}

TEST(Ical, WhatIsLeftOutIsNamed) {
  const IcalDates got = read(event("DTSTART:20260403T090000Z\r\n") +
                             event("DTSTART;VALUE=DATE:20260403\r\nRRULE:FREQ=WEEKLY\r\n") +
                             event("DTSTART;VALUE=DATE:20260404\r\nSTATUS:CANCELLED\r\n"));
  EXPECT_EQ(got.events, 3u);
  ASSERT_EQ(got.left_out.size(), 3u);
  EXPECT_EQ(got.left_out[0], "line 4: 'a day': it has a time of day");
  EXPECT_EQ(got.left_out[1], "line 8: 'a day': it repeats by FREQ=WEEKLY");
  EXPECT_EQ(got.left_out[2], "line 13: 'a day': it is cancelled");
  EXPECT_TRUE(got.rules.dates.empty());
}

TEST(Ical, BrokenFilesAreRefusedWithTheLine) {
  for (const auto& [text, part] : {
           std::pair<std::string, std::string>{"", "line 1: it is empty"},
           {"hello", "line 1: a calendar starts with"},
           {calendar_of("BEGIN:VEVENT\r\n"), "line 4: "},
           {calendar_of(event("")), "line 4: an event without DTSTART"},
           {calendar_of(event("DTSTART;VALUE=DATE:20260230\r\n")), "line 6: '20260230'"},
       }) {
    const auto got = read_ical(text);
    ASSERT_FALSE(got.ok()) << text;
    EXPECT_NE(got.error().message().find(part), std::string::npos) << got.error().message();
  }
}

}  // namespace
}  // namespace horolog::timekeeping::testing
