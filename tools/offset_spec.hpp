#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

/// Where `consume` starts and ends in each partition: kcat's spellings and rpk's. Pure.
namespace horolog::command {

struct OffsetPoint {
  enum class Kind : std::uint8_t {
    start,
    end,
    offset,      ///< absolute
    from_start,  ///< so many behind the start
    from_end,    ///< so many before the end
    time,
  };
  Kind kind = Kind::start;
  std::int64_t number = 0;  ///< of offset, from_start, from_end; milliseconds of time
};

struct OffsetRange {
  OffsetPoint from;
  std::optional<OffsetPoint> to;  ///< exclusive
  bool zone_assumed = false;
};

/// start, beginning, end, 5, +5 (behind the start), -5 (before the end), 5:10, :10, 5:, :end,
/// @TIME, @TIME:TIME, @:TIME, s@TIME (kcat's start) and e@TIME (its end).
Result<OffsetRange> parse_offset_range(std::string_view text, TimestampMs now);
/// Another -o that adds to the first, as kcat has it: "-o s@… -o e@…".
Status add_offset_range(OffsetRange& range, std::string_view text, TimestampMs now);

/// A point in a partition with these bounds; a time was looked up before (`at_time`, nullopt when
/// there is no later record). Never before the start; behind the end only for an absolute offset.
Offset resolve(const OffsetPoint& point, Offset start, Offset end, std::optional<Offset> at_time);

}  // namespace horolog::command
