#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"
#include "horolog/types.hpp"

/// What the client for schedules takes and gives. Plain values.
namespace horolog {

/// Which of the nominal times missed in a downtime are fired after it.
enum class CatchUp : std::uint8_t {
  latest,  ///< the last one, carrying how many it stands for
  none,
  all,  ///< each, oldest first
};

/// What happens when a fire is due while the task of an earlier one has not been reported over.
enum class Overlap : std::uint8_t {
  allow,         ///< it is fired
  skip,          ///< it is not
  buffer_one,    ///< the first waits for the end, others are dropped
  buffer_all,    ///< up to 1000 wait
  cancel_other,  ///< the earlier is asked to stop, the newest waits for that
};

/// How a cron is read.
enum class CronDialect : std::uint8_t { standard, robfig, quartz };
/// What becomes of a wall time that does not exist, because the clock was put forward over it.
enum class DstGap : std::uint8_t { next_valid, skip, shift };
/// Which of two fires, when a wall time is shown twice, because the clock was put back over it.
enum class DstFold : std::uint8_t { first, both, last };
/// Where a fire on a day off of its calendar goes: nowhere, or to a working day.
enum class DayShift : std::uint8_t { none, next, previous };

/// How conditions and a time go together.
enum class WhenMode : std::uint8_t {
  both,    ///< the time waits until the conditions hold
  either,  ///< it fires at the times, and when the conditions hold
};

/// A schedule as it is asked for. What is not set is left to the scheduler's defaults (in
/// Schedules::alter(): is left as it is). Exactly one of at, delay, every and cron says when, or
/// conditions do, with or without one of them.
struct ScheduleOptions {
  /// Where its records go. The topic must exist.
  std::optional<std::string> topic{};

  std::optional<TimestampMs> at{};  ///< once, then
  /// Once, that long after the broker has appended the command.
  std::optional<std::chrono::milliseconds> delay{};
  /// Again and again, counted from 1970-01-01T00:00:00Z plus `phase`; at least 100 ms.
  std::optional<std::chrono::milliseconds> every{};
  std::optional<std::chrono::milliseconds> phase{};
  /// "0 7 * * MON-FRI": 5 fields, 6 with leading seconds, 7 with trailing year; "@daily"…
  std::optional<std::string> cron{};
  std::optional<CronDialect> dialect{};
  std::optional<std::string> timezone{};  ///< "Europe/Berlin"; UTC without one
  std::optional<DstGap> dst_gap{};
  std::optional<DstFold> dst_fold{};
  std::optional<TimestampMs> start{};  ///< not before
  std::optional<TimestampMs> end{};    ///< not after
  std::optional<std::int64_t> limit{};  ///< at most so often
  /// Up to so much later, the same for the same schedule and time.
  std::optional<std::chrono::milliseconds> jitter{};
  std::optional<std::string> calendar{};  ///< a name: see Schedules::set_calendar()
  std::optional<DayShift> shift{};

  /// Conditions, which must all hold: "record orders key=eu", "after import done", "silence beats
  /// for 5m", "count orders 100 or 30s", "lag mailers emails above 1000". Their grammar stands in
  /// the scheduler's FORMAT.md. Beside "record", `delay` is the time from the record to the fire.
  std::optional<std::vector<std::string>> when{};
  std::optional<WhenMode> when_mode{};  ///< both without one

  std::optional<std::string> key{};            ///< of the fired record; null without one
  std::optional<PartitionIndex> partition{};  ///< of the target

  std::optional<CatchUp> catch_up{};
  std::optional<std::chrono::milliseconds> catch_up_window{};
  std::optional<bool> catch_up_on_resume{};
  std::optional<Overlap> overlap{};

  // For the workers that take the fired records; copied into each.
  std::optional<std::int64_t> max_attempts{};
  std::optional<std::chrono::milliseconds> backoff{};
  std::optional<std::chrono::milliseconds> timeout{};
  std::optional<std::int64_t> priority{};  ///< 0 to 9, higher first
  std::optional<std::chrono::milliseconds> expires{};  ///< not started later than that
  std::optional<std::string> lane{};

  /// To select schedules by. Names and values without ',' and names without '='.
  std::optional<std::map<std::string, std::string>> labels{};
  /// Further headers of the fired record; names that do not start with "horolog-".
  std::vector<Header> headers{};
};

/// A command as the broker has stored it. Of a create, `offset` is the schedule's generation.
struct SentCommand {
  std::string key;
  PartitionIndex partition = 0;
  Offset offset = no_offset;
  TimestampMs appended_at = no_timestamp;
  /// Where Schedules::decisions() begins to look for what became of it.
  Offset state_from = 0, runs_from = 0;
};

/// What a scheduler made of a command.
struct CommandDecision {
  enum class Kind : std::uint8_t {
    accepted,
    rejected,   ///< it makes no sense: `reason`
    stale,      ///< a newer one was there before it
    undecided,  ///< no scheduler has read it yet
  };
  Kind kind = Kind::undecided;
  std::string reason{};
  std::optional<std::int64_t> column{};  ///< in the header that `reason` names, from 1
  std::vector<std::string> warnings{};   ///< accepted, but probably not meant so
};

enum class ScheduleAction : std::uint8_t { cancel, pause, resume, trigger };

/// A schedule as the scheduler has it in `horolog.schedules.state`.
struct ScheduleState {
  std::string key;
  Offset generation = no_offset;  ///< the offset of the command that defined it
  TimestampMs defined_at = no_timestamp;  ///< when that was appended
  /// Where that command was sent; not `partition` when it came from a client that hashes otherwise.
  PartitionIndex origin_partition = 0;
  Offset origin_offset = no_offset;
  PartitionIndex partition = 0;  ///< whose owner decides about it
  std::string value;             ///< what is fired
  std::vector<Header> headers;   ///< as they were sent

  std::optional<TimestampMs> last_nominal;  ///< the last time that was dealt with
  std::int64_t fired = 0;                   ///< of this generation
  std::int64_t missed = 0, skipped = 0;     ///< ever
  std::optional<TimestampMs> paused_at;
  std::int64_t open_runs = 0, waiting = 0, backfills = 0;
  /// All of the cursor, as JSON; empty before the first fire.
  std::string cursor;

  /// The first header of that name ("horolog-cron"); nullptr without one.
  const std::string* header(std::string_view name) const;
  /// What it writes to, however the command spelled that.
  std::string topic() const;
  std::map<std::string, std::string> labels() const;
};

/// A line of history: what happened, or did not. Fields that say nothing are empty.
struct ScheduleRun {
  std::string event;  ///< "fired", "missed", "rejected"…: see the scheduler's FORMAT.md
  std::optional<std::string> schedule;
  Offset generation = no_offset;
  std::optional<std::string> fire_id;
  std::optional<TimestampMs> nominal_at;
  std::optional<TimestampMs> until;  ///< with `count`: the last of several nominal times
  std::optional<std::int64_t> count;
  std::optional<TimestampMs> fired_at;
  std::optional<TimestampMs> at;  ///< when it happened
  std::optional<std::string> trigger;
  std::optional<std::int64_t> attempt;
  std::optional<std::string> target;
  std::optional<std::string> cause;  ///< the occurrences that a condition fired for
  std::optional<std::string> reason;
  std::optional<std::int64_t> column;
  std::optional<std::string> worker;
  std::optional<std::int64_t> duration_us;
  std::optional<PartitionIndex> origin_partition;
  std::optional<Offset> origin_offset;
  std::optional<std::string> calendar;      ///< that its rule used
  std::optional<Offset> calendar_offset;    ///< which state of it
  PartitionIndex partition = 0;  ///< of the run record
  Offset offset = no_offset;
  TimestampMs appended_at = no_timestamp;
  std::string json;  ///< the record's whole value
};

/// A named calendar, as it stands in `horolog.calendars`.
struct StoredCalendar {
  std::string name;
  Offset offset = no_offset;  ///< which state of it this is
  TimestampMs set_at = no_timestamp;
  std::string json;
};

/// Days off. Dates are "2026-12-25", days of a year "12-25"; weekly[0] is Sunday.
struct CalendarDays {
  std::vector<std::string> dates{};
  std::vector<std::string> yearly{};
  std::vector<int> weekly{};
  std::vector<std::string> working{};  ///< worked although one of the others says off
};

}  // namespace horolog
