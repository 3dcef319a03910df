#include "scheduler/calendar_rules.hpp"

#include <fmt/format.h>

#include "scheduler/fire_rules.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {

void recheck_calendar(Draft& draft, Entry& entry, TimestampMs now) {
  if (!entry.definition) return;
  const std::string& name = entry.definition->calendar;
  if (const std::string held = entry.held_by_calendar(); !held.empty()) {
    RunRecord run = run_of(entry, event::stalled, now);
    run.target = entry.definition->target;
    run.reason = held;
    run.others.set("calendar", std::string_view(name));
    draft.run(std::move(run));
  } else if (entry.over()) {
    RunRecord run = run_of(entry, event::skipped, now);
    if (entry.definition->one_shot()) run.nominal_ms = entry.definition->rule.at();
    run.reason = fmt::format("calendar {} has the times off that were left",
                             timekeeping::quoted(name));
    draft.run(std::move(run));
    end_if_over(entry);
  }
}

}  // namespace horolog::scheduler
