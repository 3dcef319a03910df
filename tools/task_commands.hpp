#pragma once

#include "tools/context.hpp"

namespace horolog::command {

Exit run_task_work(Context& context);

std::span<const SectionSpec> task_work_output();

}  // namespace horolog::command
