#pragma once

#include <optional>

#include "timekeeping/calendar.hpp"
#include "timekeeping/cron.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {

/// Finds wall times of a cron, days off of a calendar taken into account. No zone here: dates come
/// first, instants last. Holds references only; make one per use, on the stack.
class WallSearch {
 public:
  /// Days that fall further than this from a working day are not shifted, but dropped.
  static constexpr DayNumber longest_shift = 366;

  WallSearch(const CronFields& fields, const Calendar* calendar, Shift shift)
      : fields_(fields), calendar_(calendar), shift_(shift) {}

  /// The first matching wall second in [from, until), if there is one.
  std::optional<WallSecond> first(WallSecond from, WallSecond until);
  /// Whether that wall second is one of the rule's.
  bool matches(WallSecond wall);

 private:
  std::uint32_t days_of(int year, unsigned month);
  std::uint32_t without_days_off(int year, unsigned month, std::uint32_t days) const;
  bool shifted_to(DayNumber day) const;
  bool rule_holds(DayNumber day) const;
  std::optional<std::int64_t> time_of_day(std::int64_t from) const;

  const CronFields& fields_;
  const Calendar* calendar_;
  Shift shift_;
  // The month last looked at: seconds of the same month are usually asked for in a row.
  int year_ = -1;
  unsigned month_ = 0;
  std::uint32_t days_ = 0;
};

}  // namespace horolog::timekeeping
