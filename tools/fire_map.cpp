#include "tools/fire_map.hpp"

#include <algorithm>

#include "timekeeping/heat_map.hpp"

namespace horolog::command {

std::string fire_map(const timekeeping::Zone& zone, const std::vector<TimestampMs>& times,
                     TimestampMs from, TimestampMs until, bool color) {
  const auto wall = [&zone](TimestampMs at) {
    const auto second = timekeeping::floor_div(at, 1'000);
    return second + zone.offset_at(second);
  };
  const auto first = timekeeping::day_of(wall(from));
  const auto last = timekeeping::day_of(wall(until - 1));
  std::vector<std::uint64_t> days(static_cast<std::size_t>(last - first + 1));
  timekeeping::HoursOfWeek hours{};
  for (const TimestampMs at : times) {
    const auto shown = wall(at);
    const auto day = timekeeping::day_of(shown);
    ++days[static_cast<std::size_t>(std::clamp(day, first, last) - first)];
    const auto of_day = shown - static_cast<std::int64_t>(day) * timekeeping::day_seconds;
    ++hours[(timekeeping::weekday_of(day) + 6) % 7][static_cast<std::size_t>(of_day / 3'600)];
  }
  timekeeping::HeatMapStyle style;
  style.color = color;
  return timekeeping::render_days(first, days, style) + "\n" +
         timekeeping::render_hours(hours, style);
}

}  // namespace horolog::command
