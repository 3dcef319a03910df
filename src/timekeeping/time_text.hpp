#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "timekeeping/zone.hpp"

namespace horolog::timekeeping {

/// Reads an instant: RFC 3339 ("2026-03-28T07:00:00.5+01:00") or milliseconds since the epoch.
/// Finer fractions are cut off. Errors name `what` and the column.
Result<TimestampMs> parse_instant(std::string_view text, std::string_view what);

/// RFC 3339 with the zone's offset at that time, "Z" in UTC; milliseconds only where there are
/// some. Offsets with seconds, as before 1900, are written in whole minutes, as the RFC asks.
std::string format_instant(TimestampMs at, const Zone& zone);

/// "2026-12-25"; nullopt for anything else, days that do not exist included.
std::optional<DayNumber> parse_date(std::string_view text);
/// "12-25".
std::optional<std::chrono::month_day> parse_month_day(std::string_view text);
/// "SUN", "Sunday" or "0" … "SAT", "Saturday" or "6", in any case: 0 = Sunday.
std::optional<unsigned> parse_weekday(std::string_view text);

/// "2026-03-29", "02:30", "02:30:15".
std::string format_date(DayNumber day);
std::string format_time_of_day(std::int64_t seconds);

}  // namespace horolog::timekeeping
