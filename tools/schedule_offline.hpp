#pragma once

#include "tools/context.hpp"

/// `horolog schedule next|between|explain` of a rule given as flags: no broker is asked.
namespace horolog::command {

Exit run_schedule_next(Context& context);
Exit run_schedule_between(Context& context);
Exit run_schedule_explain(Context& context);

/// What they print.
std::span<const SectionSpec> schedule_times_output();
std::span<const SectionSpec> schedule_explain_output();

}  // namespace horolog::command
