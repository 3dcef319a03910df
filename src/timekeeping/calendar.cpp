#include "timekeeping/calendar.hpp"

#include <algorithm>

namespace horolog::timekeeping {
namespace {

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

template <typename T>
bool holds(const std::vector<T>& sorted, const T& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

Calendar::Calendar(CalendarRules rules, std::int64_t version, TimestampMs since)
    : rules_(std::move(rules)), version_(version), since_(since) {
  sort_unique(rules_.dates);
  sort_unique(rules_.yearly);
  sort_unique(rules_.working);
}

bool Calendar::is_off(DayNumber day) const {
  if (holds(rules_.working, day)) return false;
  if (rules_.weekly[weekday_of(day)] || holds(rules_.dates, day)) return true;
  if (rules_.yearly.empty()) return false;
  const auto date = date_of(day);
  return holds(rules_.yearly, std::chrono::month_day{date.month(), date.day()});
}

bool Calendar::excludes_everything(DayNumber from, DayNumber days) const {
  for (DayNumber day = from; day < from + days; ++day) {
    if (!is_off(day)) return false;
  }
  return true;
}

}  // namespace horolog::timekeeping
