#pragma once

#include "scheduler/draft.hpp"

/// What a change of a calendar does to a schedule. Internal to the planner.
namespace horolog::scheduler {

/// For a schedule whose definition has been read again with its changed calendar: when nothing
/// comes any more, the history says so. It stalls while the calendar is gone or has no working day,
/// and ends when the times that were left are days off.
void recheck_calendar(Draft& draft, Entry& entry, TimestampMs now);

}  // namespace horolog::scheduler
