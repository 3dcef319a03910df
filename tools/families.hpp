#pragma once

#include "tools/command_table.hpp"

/// A file per family of commands defines one of these; command_table.cpp calls them all.
namespace horolog::command {

void add_log_commands(Commands& table);
void add_local_commands(Commands& table);
void add_schedule_offline_commands(Commands& table);
void add_schedule_commands(Commands& table);
void add_calendar_commands(Commands& table);
void add_group_commands(Commands& table);
void add_topic_commands(Commands& table);
void add_task_commands(Commands& table);
void add_task_change_commands(Commands& table);
void add_cluster_commands(Commands& table);
void add_stream_commands(Commands& table);

}  // namespace horolog::command
