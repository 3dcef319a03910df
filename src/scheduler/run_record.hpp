#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "base/json_fields.hpp"
#include "scheduler/records.hpp"

namespace horolog::scheduler {

/// One line of history (`horolog.runs`): what happened, or did not, to one fire or schedule.
/// Fields that are absent say nothing; FORMAT.md lists which event has which.
struct RunRecord {
  std::string event;
  std::optional<std::string> schedule;
  Offset generation = no_offset;
  std::optional<std::string> fire_id;
  std::optional<TimestampMs> nominal_ms;
  /// With `count`: the last of several nominal times, of which `nominal_ms` is the first.
  std::optional<TimestampMs> until_ms;
  std::optional<std::int64_t> count;
  std::optional<TimestampMs> fired_ms;
  std::optional<TimestampMs> at_ms;  ///< when it happened, by the scheduler's clock
  std::optional<std::string> trigger;
  std::optional<std::int64_t> attempt;
  std::optional<std::string> target;
  std::optional<std::string> reason;
  std::optional<std::int64_t> column;  ///< of a rejected header's text, from 1
  std::optional<Origin> origin;        ///< of a rejected or stale command
  std::optional<std::string> worker;
  std::optional<std::int64_t> duration_us;
  /// Whatever else was read; goes out again as it came.
  JsonFields others;

  /// Key: the fire id, else the schedule, else null.
  OutRecord to_record() const;
  /// Errc::corrupt when the value is no JSON object with an event.
  static Result<RunRecord> parse(std::string_view value);
};

/// Whether a run of that event's fire is over, so that its place is free again.
bool ends_run(std::string_view event);

}  // namespace horolog::scheduler
