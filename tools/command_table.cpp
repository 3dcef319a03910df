#include "tools/command_table.hpp"

#include <algorithm>

#include "tools/families.hpp"

namespace horolog::command {
namespace {

constexpr Alias bootstrap_aliases[] = {{.name = "--bootstrap-server"},
                                       {.name = "--bootstrap-servers"},
                                       {.name = "--brokers"}};

constexpr Flag globals[] = {
    {.name = "--bootstrap",
     .letter = 'b',
     .type = ValueType::text,
     .placeholder = "HOST:PORT",
     .summary = "where to find the cluster (default localhost:9092)",
     .env = "HOROLOG_BOOTSTRAP_SERVERS",
     .aliases = bootstrap_aliases},
    {.name = "--option",
     .letter = 'X',
     .type = ValueType::key_value,
     .placeholder = "NAME=VALUE",
     .summary = "a setting of the client; -X list prints them",
     .repeatable = true},
    {.name = "--command-config",
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "settings of the client from a properties file, Kafka's too"},
    {.name = "--profile",
     .type = ValueType::text,
     .placeholder = "NAME",
     .summary = "a named cluster: see 'horolog profile ls'",
     .env = "HOROLOG_PROFILE"},
    {.name = "--output",
     .type = ValueType::choice,
     .placeholder = "MODE",
     .summary = "how to print",
     .env = "HOROLOG_OUTPUT",
     .choices = "table|wide|json|jsonl|csv|yaml|name|help"},
    {.name = "--json", .summary = "the same as --output json"},
    {.name = "--quiet", .letter = 'q', .summary = "no notes on stderr"},
    {.name = "--verbose", .letter = 'v', .summary = "log what the client does, on stderr"},
    {.name = "--color",
     .type = ValueType::choice,
     .placeholder = "WHEN",
     .summary = "colours; NO_COLOR and TERM=dumb switch them off",
     .env = "HOROLOG_COLOR",
     .choices = "auto|always|never"},
    {.name = "--no-progress", .summary = "no progress on the terminal"},
    {.name = "--help", .letter = 'h', .summary = "what the command does, and its flags"},
    {.name = "--version", .summary = "the version of horolog"},
};

struct Family {
  std::string_view word;
  std::string_view summary;
};
constexpr Family families[] = {
    {"calendar", "Days off, by name, for schedules"},
    {"check", "Checks for monitoring, with Nagios' exit codes"},
    {"cluster", "The brokers and their health"},
    {"config", "Settings of brokers, topics and groups"},
    {"errors", "Error codes of the protocol"},
    {"generate", "Files made from what this program knows"},
    {"group", "Consumer groups: who is behind, by how much, and how to move them"},
    {"log", "The files of a data directory, offline and read-only"},
    {"profile", "Named clusters"},
    {"schedule", "Schedules: what fires when"},
    {"task", "Tasks: records that are worked on, retried and marked complete"},
    {"topic", "Topics and their partitions"},
};

Commands build() {
  Commands table;
  add_log_commands(table);
  add_local_commands(table);
  add_schedule_offline_commands(table);
  add_schedule_commands(table);
  add_group_commands(table);
  add_topic_commands(table);
  add_task_commands(table);
  add_task_change_commands(table);
  add_cluster_commands(table);
  add_stream_commands(table);
  std::sort(table.begin(), table.end(),
            [](const Command* a, const Command* b) { return a->path < b->path; });
  return table;
}

bool is_alias(const Command& command, std::string_view path) {
  if (command.alias.empty()) return false;
  const std::size_t cut = command.path.rfind(' ');
  const std::string_view family = cut == std::string_view::npos
                                      ? std::string_view()
                                      : command.path.substr(0, cut + 1);
  return path.starts_with(family) && path.substr(family.size()) == command.alias;
}

}  // namespace

std::span<const Flag> global_flags() { return globals; }

const Commands& command_table() {
  static const Commands table = build();
  return table;
}

const Command* find_command(std::string_view path) {
  for (const Command* command : command_table()) {
    if (command->path == path || is_alias(*command, path)) return command;
  }
  return nullptr;
}

std::string_view family_summary(std::string_view family) {
  for (const Family& row : families) {
    if (row.word == family) return row.summary;
  }
  return {};
}

}  // namespace horolog::command
