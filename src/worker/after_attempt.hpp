#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/record.hpp"
#include "horolog/worker.hpp"
#include "scheduler/records.hpp"
#include "worker/controls.hpp"
#include "worker/task_fields.hpp"

namespace horolog::worker {

/// What a task comes to.
enum class Fate : std::uint8_t {
  succeeded,
  failed,  ///< and will be tried again
  dead,
  expired,  ///< not started, for it came too late
  stopped,  ///< because its schedule asked for that (overlap cancel-other)
  cancelled,  ///< not started, or not repeated, because somebody cancelled it
};
/// The event of its run record.
std::string_view event_of(Fate fate);

struct Verdict {
  Fate fate = Fate::succeeded;
  std::string reason;
  std::int64_t retry_delay_ms = 0;  ///< only when failed
};

/// Before a start: nullopt when there is nothing against it. A task whose headers make no sense is
/// dead, one that was cancelled (`cancel` is not null) or whose time is over has ended so.
std::optional<Verdict> judge_start(const TaskFields& fields, const ControlNote* cancel,
                                   TimestampMs now);
/// What becomes of an attempt at a task for which there is a cancel: it is not repeated.
Verdict unrepeated(Verdict verdict, const ControlNote& cancel);
/// After an attempt. `chance`: 0 to 1, spreads the wait before the next one.
Verdict judge(const TaskFields& fields, const Outcome& outcome, const RetryPolicy& policy,
              double chance);
std::int64_t max_attempts_of(const TaskFields& fields, const RetryPolicy& policy);

/// When and where an attempt was made; zero times for one that was not.
struct AttemptFacts {
  TimestampMs started_ms = no_timestamp;
  TimestampMs ended_ms = no_timestamp;
  std::int64_t duration_us = 0;
  std::string_view worker;
  std::string_view group;
};

/// The line of history of an attempt (or, with `event`, of its start).
scheduler::OutRecord run_record(const RecordView& record, const TaskFields& fields,
                                const AttemptFacts& facts, std::string_view event,
                                const Verdict& verdict);
/// The command that fires the task again. A null value would cancel: it becomes an empty one.
scheduler::OutRecord retry_command(const RecordView& record, const TaskFields& fields,
                                   std::int64_t delay_ms);
/// The record with its headers, the cause and the origin.
scheduler::OutRecord dead_letter(const RecordView& record, const TaskFields& fields,
                                 const AttemptFacts& facts, const Verdict& verdict);

}  // namespace horolog::worker
