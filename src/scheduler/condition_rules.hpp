#pragma once

#include <string>
#include <string_view>

#include "scheduler/condition_progress.hpp"
#include "scheduler/draft.hpp"
#include "scheduler/planner.hpp"

/// What becomes of a schedule's conditions: when they hold and what is fired then. Internal to the
/// planner.
namespace horolog::scheduler {

/// Conditions of a definition that is new begin to be watched; those of the same text as before go
/// on. Errors are the reasons of a rejection, or pass.
Status begin_conditions(Draft& draft, const PlanContext& context, Entry& entry,
                        TimestampMs since);

/// A record came to a watched topic; `key` names a schedule that waits for such.
void see_record(Draft& draft, const std::string& key, const WatchedRecord& record,
                TimestampMs now);
/// A run of `schedule` is over.
void see_end(Draft& draft, const std::string& key, const std::string& schedule,
             const RunRecord& run, const WatchedRecord& record, TimestampMs now);
void see_lag(Draft& draft, const std::string& key, const WatchIndex::Lag& which,
             std::int64_t lag, TimestampMs now);
/// What the time alone decides.
void pass_time(Draft& draft, Entry& entry, const Tick& tick);

/// It waits for conditions, and nothing that may still come is before its end.
bool past_its_end(const Entry& entry, TimestampMs now);

/// A nominal time has come: it fires, or waits for the conditions.
void offer(Draft& draft, Entry& entry, WaitingFire fire, TimestampMs now);
/// What had not fired when a command ended the definition is named.
void void_conditions(Draft& draft, Entry& entry, std::string_view reason, TimestampMs now);
/// A pause ends: what fell in it is named.
void resume_conditions(Draft& draft, Entry& entry, TimestampMs now);

}  // namespace horolog::scheduler
