#pragma once

#include "scheduler/command.hpp"
#include "scheduler/draft.hpp"
#include "scheduler/planner.hpp"

/// What a command does to a schedule. Internal to the planner.
namespace horolog::scheduler {

/// Applies a record of the commands, read at `in.offset` of the partition: changes the draft, or
/// forwards it, or says in a run record why not.
void apply_command(Draft& draft, const PlanContext& context, const InRecord& in);

}  // namespace horolog::scheduler
