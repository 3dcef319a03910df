#pragma once

#include <optional>
#include <string>

#include "scheduler/cursor.hpp"
#include "scheduler/definition.hpp"

namespace horolog::scheduler {

/// A cancel is remembered that long, by append time, for commands that were sent before it and are
/// still on their way through another partition.
inline constexpr TimestampMs grave_ms = 600'000;

/// A schedule, or the memory of a cancelled one: what the state topic holds of one key.
struct Entry {
  DefinitionPtr definition;
  Cursor cursor;

  /// The next nominal time that has not been dealt with; nullopt when there is none or while it is
  /// paused.
  std::optional<TimestampMs> next_nominal() const;
  /// The same, paused or not.
  std::optional<TimestampMs> next_of_rule() const;
  /// When there is something to do: a fire is due or waits no longer, an open run counts as lost, a
  /// grave is forgotten. Backfills are not in it: they take what is left of a tick.
  std::optional<TimestampMs> wake() const;
  /// The same without what its conditions wait for: that may have to wait longer, for the reading.
  std::optional<TimestampMs> wake_without_conditions() const;
  /// A fire waits, and nothing holds it back.
  bool may_launch() const;
  /// The overlap policy has to decide about one more fire.
  bool busy() const;
  /// No further nominal time comes (or `limit` is reached), nothing waits or is to be filled in.
  bool over() const;
  /// Why no nominal time comes although it is not over: its calendar is gone, or has no working
  /// day. Empty: its calendar holds nothing back.
  std::string held_by_calendar() const;
  /// Fires of this definition that `limit` counts.
  std::int64_t fired() const {
    return definition && cursor.generation == definition->generation ? cursor.fired : 0;
  }
  /// It has fired as often as it may.
  bool limit_reached() const;
  /// The topic its fires go to; empty without a definition.
  const std::string& target() const;

 private:
  std::optional<TimestampMs> wake_of_conditions() const;
  bool awaits_condition() const;
  /// Nominal times up to here are dealt with.
  TimestampMs dealt_until() const;
};

}  // namespace horolog::scheduler
