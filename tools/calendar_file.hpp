#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "timekeeping/calendar.hpp"

namespace horolog::command {

/// A calendar as it stands in a file.
struct CalendarFile {
  timekeeping::CalendarRules rules;
  /// Events of an iCalendar file that are not days off, and why.
  std::vector<std::string> left_out;
};

/// YAML, or iCalendar when it begins so. In YAML, all of it optional:
///
///     name: de
///     weekly: [SAT, SUN]
///     dates: [2026-04-03, 2026-12-24..2026-12-26]
///     yearly: [01-01, 12-25]
///     working: [2026-12-26]
///
/// Errors name the file's line and column. Pure.
Result<CalendarFile> parse_calendar(std::string_view text, const std::string& file);

/// The same from a path; the name is the file's where the text has none.
Result<CalendarFile> read_calendar(const std::string& path);

}  // namespace horolog::command
