#pragma once

#include <span>
#include <vector>

#include "horolog/schedules.hpp"
#include "tools/context.hpp"

/// The flags of `schedule create` and `alter`, and what they say.
namespace horolog::command {

/// --topic, the rule, and what else a schedule has; `own` before them.
std::vector<Flag> with_schedule_flags(std::span<const Flag> own);

/// The options that the flags give. Errors name the flag, and the column in it where that helps.
Result<ScheduleOptions> schedule_options(const Context& context);

/// The payload of --value or --value-file ("-": what is piped in); nullopt without either.
Result<std::optional<std::string>> schedule_value(const Context& context);

}  // namespace horolog::command
