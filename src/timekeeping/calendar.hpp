#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {

/// What to do with a time that falls on a day off.
enum class Shift {
  none,      ///< it does not fire
  next,      ///< it fires at the same wall time on the next working day
  previous,  ///< … on the working day before
};

/// What a calendar says, as it was written down. Order and repetition do not matter.
struct CalendarRules {
  std::string name;
  std::array<bool, 7> weekly{};                  ///< days of the week that are off; 0 = Sunday
  std::vector<DayNumber> dates;                  ///< single days off
  std::vector<std::chrono::month_day> yearly;    ///< off in every year
  std::vector<DayNumber> working;                ///< worked although one of the above says off
};

/// A named set of days off. Immutable; dates are wall dates in the zone of the schedule that uses
/// it, so one calendar serves every zone.
class Calendar {
 public:
  /// `version` says which state of the data this is (the offset of its record), for run records;
  /// `since`, when that became so.
  explicit Calendar(CalendarRules rules, std::int64_t version = 0,
                    TimestampMs since = no_timestamp);

  const std::string& name() const { return rules_.name; }
  std::int64_t version() const { return version_; }
  TimestampMs since() const { return since_; }
  const CalendarRules& rules() const { return rules_; }
  bool is_off(DayNumber day) const;
  /// No day of the coming `days` is worked: a rule with this calendar would not fire in them.
  bool excludes_everything(DayNumber from, DayNumber days) const;

 private:
  CalendarRules rules_;
  std::int64_t version_;
  TimestampMs since_;
};

}  // namespace horolog::timekeeping
