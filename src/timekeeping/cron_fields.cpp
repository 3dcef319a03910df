#include "timekeeping/cron.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {
namespace {

/// The working day (Monday to Friday) of the month that is nearest to `day`, 0 if there is none.
unsigned nearest_working(unsigned day, unsigned weekday, unsigned last) {
  if (weekday == 6) return day > 1 ? day - 1 : day + 2;
  if (weekday == 0) return day < last ? day + 1 : day - 2;
  return day;
}

}  // namespace

bool CronFields::holds_year(int year) const {
  if (any_year) return true;
  return year >= first_set_year && year <= last_set_year &&
         years[static_cast<std::size_t>(year - first_set_year)];
}

std::uint32_t CronFields::days_of(int year, unsigned month) const {
  const unsigned last = days_in_month(year, month);
  const std::uint32_t whole = (last == 31 ? 0xfffffffeU : (1U << (last + 1)) - 2);
  const unsigned first_weekday = weekday_of(day_number(year, month, 1));
  const auto weekday = [&](unsigned day) { return (first_weekday + day - 1) % 7; };

  std::uint32_t by_month = days & whole;
  for (unsigned n = 0; n < last && before_last >> n != 0; ++n) {
    if (before_last >> n & 1) by_month |= 1U << (last - n);
  }
  for (unsigned n = 1; n <= last && nearest_weekday >> n != 0; ++n) {
    if (nearest_weekday >> n & 1) by_month |= 1U << nearest_working(n, weekday(n), last);
  }
  if (last_weekday) by_month |= 1U << nearest_working(last, weekday(last), last);

  std::uint32_t by_week = 0;
  for (unsigned day = 1; day <= last; ++day) {
    const unsigned set = weekdays | nth_weekdays[(day - 1) / 7 + 1] |
                         (day + 7 > last ? last_weekdays : 0U);
    if (set >> weekday(day) & 1) by_week |= 1U << day;
  }
  return either_day ? by_month | by_week : by_month & by_week;
}

}  // namespace horolog::timekeeping
