#include "timekeeping/wall_search.hpp"

#include <bit>

namespace horolog::timekeeping {
namespace {

/// The lowest bit of `set` at or above `from`, -1 if there is none.
int bit_from(std::uint64_t set, int from) {
  if (from > 63) return -1;
  const std::uint64_t rest = set >> from << from;
  return rest == 0 ? -1 : std::countr_zero(rest);
}

}  // namespace

bool WallSearch::rule_holds(DayNumber day) const {
  const auto date = date_of(day);
  const auto month = static_cast<unsigned>(date.month());
  const int year = static_cast<int>(date.year());
  return fields_.holds_year(year) && (fields_.months >> month & 1) &&
         (fields_.days_of(year, month) >> static_cast<unsigned>(date.day()) & 1);
}

bool WallSearch::shifted_to(DayNumber day) const {
  const DayNumber step = shift_ == Shift::next ? -1 : 1;
  for (DayNumber n = 1; n <= longest_shift && calendar_->is_off(day + n * step); ++n) {
    if (rule_holds(day + n * step)) return true;
  }
  return false;
}

std::uint32_t WallSearch::without_days_off(int year, unsigned month, std::uint32_t days) const {
  const unsigned last = days_in_month(year, month);
  const DayNumber before = day_number(year, month, 1) - 1;
  std::uint32_t out = 0;
  for (unsigned n = 1; n <= last; ++n) {
    const auto day = before + static_cast<DayNumber>(n);
    if (calendar_->is_off(day)) continue;
    const bool planned = days >> n & 1;
    if (planned || (shift_ != Shift::none && shifted_to(day))) out |= 1U << n;
  }
  return out;
}

std::uint32_t WallSearch::days_of(int year, unsigned month) {
  if (year == year_ && month == month_) return days_;
  const bool holds = fields_.holds_year(year) && (fields_.months >> month & 1);
  year_ = year;
  month_ = month;
  days_ = holds ? fields_.days_of(year, month) : 0;
  // A shift may bring days of a neighbouring month or year into this one.
  if (calendar_ != nullptr && (days_ != 0 || shift_ != Shift::none)) {
    days_ = without_days_off(year, month, days_);
  }
  return days_;
}

std::optional<std::int64_t> WallSearch::time_of_day(std::int64_t from) const {
  int hour = static_cast<int>(from / 3600), minute = static_cast<int>(from / 60 % 60);
  int second = bit_from(fields_.seconds, static_cast<int>(from % 60));
  if (!(fields_.hours >> hour & 1) || !(fields_.minutes >> minute & 1)) second = -1;
  if (second < 0) {
    minute = fields_.hours >> hour & 1 ? bit_from(fields_.minutes, minute + (from % 60 > 0 ||
                                          (fields_.minutes >> minute & 1) ? 1 : 0)) : -1;
    second = bit_from(fields_.seconds, 0);
  }
  if (minute < 0) {
    hour = bit_from(fields_.hours, hour + 1);
    minute = bit_from(fields_.minutes, 0);
  }
  if (hour < 0) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

std::optional<WallSecond> WallSearch::first(WallSecond from, WallSecond until) {
  if (from >= until) return std::nullopt;
  DayNumber day = day_of(from);
  std::int64_t seconds = from - static_cast<WallSecond>(day) * day_seconds;
  const DayNumber last_day = day_of(until - 1);
  auto date = date_of(day);
  int year = static_cast<int>(date.year());
  auto month = static_cast<unsigned>(date.month());
  auto of_month = static_cast<int>(static_cast<unsigned>(date.day()));
  while (day <= last_day) {
    const std::uint32_t days = days_of(year, month);
    for (int n = bit_from(days, of_month); n >= 0; n = bit_from(days, n + 1)) {
      const auto time = time_of_day(n == of_month ? seconds : 0);
      if (!time) continue;
      const WallSecond wall = (day + static_cast<WallSecond>(n - of_month)) * day_seconds + *time;
      if (wall >= until) return std::nullopt;
      return wall;
    }
    month = month == 12 ? 1 : month + 1;
    year += month == 1 ? 1 : 0;
    day = day_number(year, month, 1);
    of_month = 1;
    seconds = 0;
  }
  return std::nullopt;
}

bool WallSearch::matches(WallSecond wall) { return first(wall, wall + 1).has_value(); }

}  // namespace horolog::timekeeping
