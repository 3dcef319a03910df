#pragma once

#include <optional>
#include <string>

#include "horolog/tasks.hpp"
#include "tools/context.hpp"

/// What the commands about tasks share.
namespace horolog::command {

/// With the command's settings; nothing is connected yet.
Result<Tasks> open_tasks(const Context& context);

/// An error that names an option of the library, with the flag's name instead.
Error in_flags(const Error& error);

/// What --since says, or so long ago.
Result<TimestampMs> since_of(const Context& context, std::int64_t ago_ms);

inline constexpr std::int64_t hour_in_ms = 60 * 60 * 1'000, day_in_ms = 24 * hour_in_ms;

/// What a group has not finished in a topic. Without `group` it is the one that worked most, or
/// the one that `horolog task work` takes by itself; no figures: nothing is known of it.
Result<TaskBacklog> backlog_of(Tasks& tasks, const std::string& topic,
                               const TaskFigures& figures,
                               const std::optional<std::string>& group);

}  // namespace horolog::command
