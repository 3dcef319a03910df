#pragma once

#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/task_types.hpp"

namespace horolog::worker {

/// Whether the task is a schedule's: due later, or one of its name.
bool is_due_later(const TaskOptions& options);

/// The headers of a task's record, or, of one that is due later, of the command that fires it.
/// Errc::invalid_argument names the option and what it may be.
Result<std::vector<Header>> task_headers(const std::string& topic, const TaskOptions& options);

}  // namespace horolog::worker
