#pragma once

#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "timekeeping/zone.hpp"

namespace horolog::command {

/// How often something fires: on each day of [from, until), and in each hour of the week; by the
/// zone's wall clock. Times outside count on the first or last day.
std::string fire_map(const timekeeping::Zone& zone, const std::vector<TimestampMs>& times,
                     TimestampMs from, TimestampMs until, bool color);

}  // namespace horolog::command
