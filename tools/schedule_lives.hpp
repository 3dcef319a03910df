#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/record.hpp"
#include "horolog/schedule_types.hpp"

/// What became of schedules, as far as the topics still tell. Pure.
namespace horolog::command {

/// A definition of a schedule, from its acceptance to its end.
struct ScheduleLife {
  enum class End : std::uint8_t {
    none,       ///< it is there
    replaced,   ///< by the next definition of its key, sent at `until`
    cancelled,  ///< by a command sent at `until`
    over,       ///< all its times were dealt with, at about `until`
    unknown,    ///< over or cancelled, at about `until`
  };
  /// Without payload; with the last cursor of this definition.
  ScheduleState state;
  End end = End::none;
  TimestampMs until = std::numeric_limits<TimestampMs>::max();
};

/// Puts the lives together from the records of `horolog.schedules.state`, which keeps old ones
/// until it is compacted, and of `horolog.schedules`, which keeps commands until the scheduler
/// trims them.
class ScheduleLives {
 public:
  using Wanted = std::function<bool(const std::string& key)>;

  /// Lives that ended before `since` are not held.
  ScheduleLives(TimestampMs since, Wanted wanted) : since_(since), wanted_(std::move(wanted)) {}

  /// A record of the state; those of each partition in their order. Errc::corrupt: unreadable.
  Status add_state(const RecordView& record);
  /// A record of the commands, after all those of the state.
  void add_command(const RecordView& record);
  /// Sorted by key, older before newer. Ends the object.
  Result<std::vector<ScheduleLife>> finish() &&;

 private:
  struct Track {
    std::vector<ScheduleLife> lives;
    std::string cursor;
    /// Where the state says that the last of them has ended.
    Offset removed_at = no_offset;
  };
  static Status end(Track& track, ScheduleLife::End how, TimestampMs until);
  Status take_definition(const std::string& key, const RecordView& record);
  Status take_cursor(const std::string& key, const RecordView& record);

  TimestampMs since_;
  Wanted wanted_;
  std::map<std::string, Track, std::less<>> tracks_;
  std::int64_t partitions_ = 0;
};

}  // namespace horolog::command
