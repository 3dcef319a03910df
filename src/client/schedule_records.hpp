#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// What a record of the state topic is about.
struct StateKey {
  enum class Kind : std::uint8_t { other, definition, cursor };
  Kind kind = Kind::other;
  std::string_view schedule = {};

  /// Valid as long as the text of `key` is.
  static StateKey parse(std::string_view key);
};
/// A definition, without what its cursor would say. Errc::corrupt: its headers are not whole.
Result<ScheduleState> read_definition(std::string_view schedule, const RecordView& record);
/// Adds what a cursor says. Errc::corrupt: it cannot be read.
Status read_cursor(std::string_view text, ScheduleState& state);

/// The schedules of state partitions: definitions and cursors as they are read, the last one of
/// each key counts.
class StateReader {
 public:
  /// Asked about each definition, without its cursor; may clear what is not needed.
  using Keep = std::function<bool(ScheduleState&)>;
  using Each = std::function<void(ScheduleState)>;

  /// Only that schedule, or those that `keep` takes; all of them without either.
  explicit StateReader(std::optional<std::string> only = {}, Keep keep = {})
      : only_(std::move(only)), keep_(std::move(keep)) {}

  /// Errc::corrupt: a record that this library cannot read.
  Status add(const RecordView& record);
  /// Hands them out sorted by key, and lets go of each. Ends the reader.
  Status finish(const Each& each) &&;

 private:
  std::optional<std::string> only_;
  Keep keep_;
  std::map<std::string, ScheduleState> definitions_;
  std::map<std::string, std::string> cursors_;
};

/// A calendar as JSON. Errc::invalid_argument for a weekday that is none; dates are taken as they
/// are, the scheduler reads them.
Result<std::string> calendar_json(const CalendarDays& days);

}  // namespace horolog::client
