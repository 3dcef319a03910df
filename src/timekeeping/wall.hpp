#pragma once

#include <chrono>
#include <cstdint>

namespace horolog::timekeeping {

/// Seconds that a wall clock has counted since it showed 1970-01-01 00:00:00, as if every day had
/// 86,400 of them: a date and a time of day without a zone.
using WallSecond = std::int64_t;
/// Seconds since 1970-01-01T00:00:00Z.
using UnixSecond = std::int64_t;
/// Days since 1970-01-01, a date without a zone.
using DayNumber = std::int32_t;

inline constexpr std::int64_t day_seconds = 86'400;

/// Rules are evaluated between these years; the zone data reach a little further.
inline constexpr int first_year = 1, end_year = 2400;
inline constexpr UnixSecond first_second = -62'135'596'800, end_second = 13'569'465'600;

/// Division that rounds towards the past, for times before 1970.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

constexpr DayNumber day_of(WallSecond wall) {
  return static_cast<DayNumber>(floor_div(wall, day_seconds));
}

inline DayNumber day_number(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return static_cast<DayNumber>(
      sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}
          .time_since_epoch()
          .count());
}

inline std::chrono::year_month_day date_of(DayNumber day) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day}}};
}

/// 0 = Sunday … 6 = Saturday.
constexpr unsigned weekday_of(DayNumber day) {
  return static_cast<unsigned>(((day + 4) % 7 + 7) % 7);
}

inline unsigned days_in_month(int year, unsigned month) {
  using namespace std::chrono;
  const year_month_day_last last{std::chrono::year{year} / std::chrono::month{month} /
                                 std::chrono::last};
  return static_cast<unsigned>(last.day());
}

}  // namespace horolog::timekeeping
