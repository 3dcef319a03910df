#include "tools/cluster_commands.hpp"
#include "tools/families.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Arg resource_args[] = {{"TYPE", ValueType::text, "topic, broker or group"},
                                 {"NAME", ValueType::text, "its name; 'default' for all brokers"}};
constexpr Arg get_args[] = {{"TYPE", ValueType::text, "topic, broker or group"},
                            {"NAME", ValueType::text, "its name"},
                            {"SETTING", ValueType::text, "the setting"}};
constexpr Arg set_args[] = {{"TYPE", ValueType::text, "topic, broker or group"},
                            {"NAME", ValueType::text, "its name; 'default' for all brokers"},
                            {.name = "SETTING=VALUE",
                             .summary = "'name=' sets it back to the default",
                             .variadic = true}};
constexpr Arg group_arg[] = {{"GROUP", ValueType::group, "the group"}};
constexpr Arg topic_arg[] = {{"TOPIC", ValueType::topic, "the topic"}};

constexpr Flag health_flags[] = {
    watch_flag,
    interval_flag,
    {.name = "--exit-when-healthy", .letter = 'e', .summary = "with --watch: until it is healthy"},
    timeout_flag};
constexpr Flag set_flags[] = {{.name = "--dry-run", .summary = "check it, and change nothing"}};
constexpr Flag check_flags[] = {
    {.name = "--warn",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "a warning from this value on"},
    {.name = "--crit",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "critical from this value on"},
    {.name = "--format",
     .type = ValueType::choice,
     .placeholder = "FORMAT",
     .summary = "how to print",
     .choices = "nagios|json|prometheus"}};

constexpr Example config_examples[] = {
    {"config diff topic orders", "what is not the default, and where it comes from"}};
constexpr Example set_examples[] = {
    {"config set topic orders retention.ms=86400000", "kept for a day"},
    {"config set topic orders retention.ms=", "back to the default"}};
constexpr Example check_examples[] = {
    {"check group billing --warn 1000 --crit 100000", "by the lag in records"}};

constexpr char check_details[] = "Exit 0 ok, 1 warning, 2 critical, 3 unknown, as Nagios has it.";

void add_cluster(Commands& table) {
  static const Command commands[] = {
      {.path = "cluster info",
       .summary = "Show the brokers and what they hold",
       .output = cluster_info_output(),
       .run = run_cluster_info},
      {.path = "cluster health",
       .summary = "Say what is wrong with the cluster; exit 1 when something is",
       .flags = health_flags,
       .output = cluster_health_output(),
       .run = run_cluster_health},
      {.path = "config ls",
       .summary = "List the settings of a topic, broker or group",
       .args = resource_args,
       .output = config_output(),
       .run = run_config_ls},
      {.path = "config diff",
       .summary = "List the settings that are not the default",
       .args = resource_args,
       .examples = config_examples,
       .output = config_output(),
       .run = run_config_diff},
      {.path = "config get",
       .summary = "Print one setting",
       .args = get_args,
       .output = config_output(),
       .run = run_config_get},
      {.path = "config set",
       .summary = "Change settings of a topic, broker or group",
       .args = set_args,
       .flags = set_flags,
       .examples = set_examples,
       .run = run_config_set},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_checks(Commands& table) {
  static const Command commands[] = {
      {.path = "check broker",
       .summary = "Check that the cluster answers; --warn and --crit are milliseconds",
       .details = check_details,
       .flags = check_flags,
       .output = check_output(),
       .run = run_check_broker},
      {.path = "check group",
       .summary = "Check a group's lag",
       .details = check_details,
       .args = group_arg,
       .flags = check_flags,
       .examples = check_examples,
       .output = check_output(),
       .run = run_check_group},
      {.path = "check topic",
       .summary = "Check that a topic's partitions have leaders and replicas",
       .details = check_details,
       .args = topic_arg,
       .flags = check_flags,
       .output = check_output(),
       .run = run_check_topic},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace

void add_cluster_commands(Commands& table) {
  add_cluster(table);
  add_checks(table);
}

}  // namespace horolog::command
