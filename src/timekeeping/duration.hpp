#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "horolog/error.hpp"

namespace horolog::timekeeping {

/// Milliseconds of a length of time.
using DurationMs = std::int64_t;

inline constexpr DurationMs second_ms = 1'000;
inline constexpr DurationMs minute_ms = 60 * second_ms;
inline constexpr DurationMs hour_ms = 60 * minute_ms;
inline constexpr DurationMs day_ms = 24 * hour_ms;

enum class DurationStyle {
  any,  ///< "90s", "15m", "1h30m", "2d", "1w", "250ms", and ISO 8601 without months: "PT15M"
  go,   ///< what Go's ParseDuration reads ("1.5h", "15m50ns"), whole seconds kept, at least one
};

/// Reads a length of time, never negative. Errors name `what` and the column, counted from
/// `column` for the first byte of `text`.
Result<DurationMs> parse_duration(std::string_view text, DurationStyle style,
                                  std::string_view what, std::size_t column = 1);

/// "1h30m", "250ms", "2d"; "0s" for nothing.
std::string format_duration(DurationMs duration);

}  // namespace horolog::timekeeping
