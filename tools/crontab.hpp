#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/schedules.hpp"

namespace horolog::command {

/// A crontab line as a schedule.
struct CrontabEntry {
  std::size_t line = 0;
  std::string name;     ///< of its command: the last part of its first word's path
  std::string command;  ///< what becomes the payload
  ScheduleOptions rule;  ///< cron and timezone
};

struct Crontab {
  std::vector<CrontabEntry> entries;
  /// What is not as it was, each with its line number.
  std::vector<std::string> changes;
};

/// Reads a crontab as cronie does: five fields or a macro, and a command; CRON_TZ and TZ lines hold
/// for those below. `system`: with a user behind the fields. What a topic cannot do (@reboot, other
/// variables, standard input behind a '%') is in `changes`. Pure.
Crontab parse_crontab(std::string_view text, bool system);

}  // namespace horolog::command
