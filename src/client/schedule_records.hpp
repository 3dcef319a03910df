#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"
#include "horolog/schedule_types.hpp"

/// What stands in the scheduler's topics, read. Pure.
namespace horolog::client {

/// A run record. Errc::corrupt when the value is no JSON object with an event.
Result<ScheduleRun> read_run(const RecordView& record);

/// The value of a state record `meta`: how far the partition's owner has read the commands.
/// nullopt for any other record.
Result<std::optional<Offset>> read_next_command(const RecordView& record);

/// The schedules of state partitions: definitions and cursors as they are read, the last one of
/// each key counts.
class StateReader {
 public:
  /// Only that schedule; all of them without one.
  explicit StateReader(std::optional<std::string> only = {}) : only_(std::move(only)) {}

  /// Errc::corrupt: a record that this library cannot read.
  Status add(const RecordView& record);
  /// Sorted by key. Ends the reader.
  Result<std::vector<ScheduleState>> finish() &&;

 private:
  std::optional<std::string> only_;
  std::map<std::string, ScheduleState> definitions_;
  std::map<std::string, std::string> cursors_;
};

/// A calendar as JSON. Errc::invalid_argument for a weekday that is none; dates are taken as they
/// are, the scheduler reads them.
Result<std::string> calendar_json(const CalendarDays& days);

}  // namespace horolog::client
