#pragma once

#include <cstddef>
#include <string>

#include "horolog/task_types.hpp"

namespace horolog::command {

/// A task's life as a picture of lines: when it was planned and fired, how long each attempt waited
/// (light) and ran (dark), and how it ended. `width`: columns of the time axis.
std::string task_timeline(const TaskInfo& task, std::size_t width);

}  // namespace horolog::command
