#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {

struct HeatMapStyle {
  bool color = false;        ///< shades of one colour (256-colour terminals) instead of characters
  std::size_t width = 80;    ///< columns of the terminal; longer maps go on below
};

/// A calendar of how much happens on each day: a column per week, Monday on top, months above, the
/// scale below. `counts[i]` belongs to `first` + i. Text for a terminal; ends with a newline.
std::string render_days(DayNumber first, std::span<const std::uint64_t> counts,
                        const HeatMapStyle& style = {});

/// How much happens in each hour of the week: a row per day from Monday, a column per hour.
using HoursOfWeek = std::array<std::array<std::uint64_t, 24>, 7>;  ///< [0 = Monday][hour]
std::string render_hours(const HoursOfWeek& counts, const HeatMapStyle& style = {});

}  // namespace horolog::timekeeping
