#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "horolog/schedules.hpp"
#include "scheduler/entry.hpp"
#include "tools/context.hpp"

/// What the commands about the schedules of a cluster share.
namespace horolog::command {

Result<Schedules> open_schedules(const Context& context);

/// A schedule with its rule, as the scheduler that fires it sees it.
struct KnownSchedule {
  ScheduleState state;
  scheduler::Entry entry;

  /// When it fires next; nullopt: never, or it is paused.
  std::optional<TimestampMs> next() const;
  /// "paused", "stalled: …" or "active".
  std::string status() const;
  /// In the zone of the schedule, with its offset.
  std::string time_text(TimestampMs at) const;
  /// "cron 0 7 * * MON-FRI, Europe/Berlin"
  std::string rule_text() const;
};
/// Reads them as their scheduler would, with the calendars there are.
Result<std::vector<KnownSchedule>> know(Schedules& schedules, std::vector<ScheduleState> states);

/// The flags that select schedules, and what they choose.
std::span<const Flag> selection_flags();
bool selects(const Context& context);
/// By the words (keys, or patterns with * and ?) and the selection flags. Errc::not_found for a key
/// that is none, with the nearest.
Result<std::vector<KnownSchedule>> select_schedules(Context& context, Schedules& schedules);

/// Waits for the decisions about commands, unless --no-wait, and reports what was refused. Refused:
/// Exit::failed, a part of them: Exit::partial; undecided: Exit::unreachable.
Exit report_decisions(Context& context, Schedules& schedules,
                      const std::vector<SentCommand>& commands);
/// Flags for a command that calls it.
inline constexpr Flag no_wait_flag = {.name = "--no-wait",
                                      .summary = "do not wait until a scheduler has decided"};
inline constexpr Flag decision_timeout_flag = {
    .name = "--timeout",
    .type = ValueType::duration,
    .placeholder = "TIME",
    .summary = "how long to wait for a scheduler's decision (default 10s)"};

}  // namespace horolog::command
