#pragma once

#include <string>
#include <string_view>

#include "horolog/types.hpp"

namespace horolog::command {

/// A time in UTC by a layout of Go's package time: the layout shows how the reference time
/// "Mon Jan 2 15:04:05 2006" would look. Pure.
void append_go_time(std::string& out, std::string_view layout, TimestampMs time);

}  // namespace horolog::command
