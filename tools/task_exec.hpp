#pragma once

#include <string>

#include "horolog/task.hpp"

/// Tasks worked on by any command of the shell.
namespace horolog::command {

/// Runs `sh -c command` for one task: its payload on stdin, HOROLOG_TASK_… in the environment. Exit
/// 0 is done, 65 (EX_DATAERR) dead, everything else failed; what the command printed is kept in the
/// reason. When the task is cancelled the command and its children get SIGTERM, and SIGKILL 3 s
/// later. Any number of threads at the same time.
Outcome run_task_command(const std::string& command, const Task& task);

/// Empty, or why the command cannot be started: its first word is no program.
std::string why_not_runnable(const std::string& command);

}  // namespace horolog::command
