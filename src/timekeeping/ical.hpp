#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "timekeeping/calendar.hpp"

namespace horolog::timekeeping {

/// The whole days of an iCalendar file (RFC 5545), as days off.
struct IcalDates {
  /// `dates` and `yearly`; the name is X-WR-CALNAME's, if there is one.
  CalendarRules rules;
  std::size_t events = 0;
  /// A line for every event that is not among them, with its line number and the reason: it has a
  /// time of day, or repeats in a way that is not read here. Never dropped in silence.
  std::vector<std::string> left_out;
};

/// Reads whole-day events (DTSTART with DTEND, DURATION in days, or neither). FREQ=YEARLY is
/// understood, with COUNT, UNTIL and INTERVAL too; cancelled events are not days off. Errors name
/// the line.
Result<IcalDates> read_ical(std::string_view text);

}  // namespace horolog::timekeeping
