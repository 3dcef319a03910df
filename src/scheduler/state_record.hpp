#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "scheduler/cursor.hpp"
#include "scheduler/definition.hpp"
#include "scheduler/records.hpp"

/// The records of `horolog.schedules.state`, as FORMAT.md has them.
namespace horolog::scheduler {

/// How far a partition's owner has read: the value of the record `meta`.
struct Meta {
  std::int32_t partitions = 0;  ///< N of the three topics, fixed at their creation
  Offset next_command = 0;
  Offset next_run = 0;
  JsonFields others;

  std::string to_text() const;
  static Result<Meta> parse(std::string_view text);
};

/// What a state record's key says.
struct StateKey {
  enum class Kind : std::uint8_t { meta, definition, cursor, watch, unknown };
  Kind kind = Kind::unknown;
  std::string_view schedule;  ///< borrowed from the key
  TopicPartition place{};     ///< of a watch

  static StateKey parse(std::string_view key);
};

OutRecord meta_record(const Meta& meta);
OutRecord definition_record(const Definition& definition);
OutRecord definition_tombstone(std::string_view schedule);
OutRecord cursor_record(std::string_view schedule, const Cursor& cursor);
OutRecord cursor_tombstone(std::string_view schedule);
/// How far a watched partition has been read, and of which topic of that name.
struct Watch {
  Offset next = 0;
  Uuid topic_id{};  ///< zero: not known
};
/// nullopt: nobody watches it.
OutRecord watch_record(const TopicPartition& place, const std::optional<Watch>& watch);
Result<Watch> read_watch(std::string_view text);

/// The definition that definition_record() wrote.
Result<DefinitionPtr> read_definition(std::string_view schedule, OutRecord record,
                                      const CalendarLookup& calendars);

}  // namespace horolog::scheduler
