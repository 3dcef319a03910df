#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "horolog/schedules.hpp"
#include "scheduler/entry.hpp"
#include "tools/context.hpp"

namespace horolog::scheduler {
class CalendarTable;
}

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
/// Reads schedules as their scheduler would, with the calendars that there are at the first that
/// names one.
class ScheduleReader {
 public:
  explicit ScheduleReader(Schedules& schedules);
  ~ScheduleReader();
  Result<KnownSchedule> read(ScheduleState state);

 private:
  Schedules& schedules_;
  std::unique_ptr<scheduler::CalendarTable> calendars_;
};

/// What schedulers decide about commands, sent in one part or in several: refusals and warnings are
/// told on stderr, the first of them in full.
class Decisions {
 public:
  explicit Decisions(Context& context) : context_(context) {}

  /// Waits for the decisions about these, unless --no-wait. False: some have not been decided.
  Result<bool> await(Schedules& schedules, const std::vector<SentCommand>& commands);
  /// How many of those that were awaited have been taken.
  std::size_t accepted() const { return awaited_ - refused_ - undecided_; }
  /// Refused: Exit::failed, a part of them: Exit::partial; undecided: Exit::unreachable.
  Exit finish(std::size_t not_sent = 0);

 private:
  void tell(const SentCommand& command, const CommandDecision& decision);

  Context& context_;
  std::size_t awaited_ = 0, refused_ = 0, undecided_ = 0, warned_ = 0;
};
/// The same for commands that were sent in one part.
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
