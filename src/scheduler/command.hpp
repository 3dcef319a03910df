#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "scheduler/definition.hpp"
#include "scheduler/records.hpp"

namespace horolog::scheduler {

enum class CommandKind : std::uint8_t { create, cancel, pause, resume, trigger, backfill };

/// A record of `horolog.schedules`, understood.
struct Command {
  CommandKind kind = CommandKind::create;
  std::string key;
  Origin origin;
  /// It came from another partition's owner.
  bool forwarded = false;
  /// What the schedule's generation must be; -1 = there must be no schedule.
  std::optional<Offset> if_generation;
  /// Of a create.
  DefinitionPtr definition;
  /// Of a backfill: both ends belong to it.
  TimestampMs from_ms = 0, to_ms = 0;
};

/// Reads a command found at `offset` of the canonical partition `partition`. Errors are the reasons
/// of rejected run records.
Result<Command> parse_command(const InRecord& in, PartitionIndex partition,
                              const CalendarLookup& calendars);

/// Where a command was sent: its origin header, or the place where it was read.
Result<Origin> origin_of(const InRecord& in, PartitionIndex partition);
std::string origin_text(const Origin& origin);
/// The command as it is forwarded to the canonical partition: with its origin.
OutRecord forwarded(const InRecord& in, PartitionIndex partition);

/// The column that an error's text names ("… column 7: …"), if it does.
std::optional<std::int64_t> column_in(std::string_view message);

}  // namespace horolog::scheduler
