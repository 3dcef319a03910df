#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "scheduler/entry.hpp"

/// How an entry stands in the mirror's value log. Numbers are big-endian; a text is its length, or
/// -1 for null, as int32, then its bytes. Whoever changes this changes the format's number in
/// local_copy.cpp, so that what an older program kept is made anew.
///
///     version int64 | wake int64 | key | value | count int32 of headers, each name and value |
///     cursor, as in its record
///
/// Value and headers are those of the definition's record in the state topic; a count of -1 says
/// that there is no definition.
namespace horolog::scheduler {

inline constexpr TimestampMs never_wakes = std::numeric_limits<TimestampMs>::max();

struct MirrorHead {
  std::int64_t version = 0;
  TimestampMs wake = never_wakes;
  std::string_view key;  ///< borrowed from the value
};

ByteBuffer mirror_value(const MirrorHead& head, const Entry& entry);
/// Errc::corrupt when it is cut short.
Result<MirrorHead> mirror_head(ByteView value);
Result<Entry> mirror_entry(ByteView value, const CalendarLookup& calendars);

}  // namespace horolog::scheduler
