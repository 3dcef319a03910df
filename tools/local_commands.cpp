#include "tools/local_commands.hpp"

#include "tools/families.hpp"

namespace horolog::command {
namespace {

constexpr Arg error_arg[] = {{"ERROR", ValueType::text, "a number, or a name in any case"}};
constexpr Arg profile_arg[] = {{"NAME", ValueType::text, "the profile"}};
constexpr Arg profile_set_args[] = {
    {"NAME", ValueType::text, "the profile"},
    {.name = "SETTING=VALUE",
     .type = ValueType::key_value,
     .summary = "see 'horolog -X list'",
     .variadic = true}};
constexpr Arg shell_arg[] = {{"SHELL", ValueType::text, "bash, zsh or fish"}};
constexpr Arg file_arg[] = {{"FILE", ValueType::file, "YAML, or a server.properties"}};
constexpr Arg key_arg[] = {{"SETTING", ValueType::text, "a name, such as log.segment.bytes"}};
constexpr Arg directory_arg[] = {{"DIR", ValueType::directory, "where the pages go"}};
constexpr Arg targets_arg[] = {{.name = "HOST:PORT",
                                .summary = "the admin listeners (default localhost:9644)",
                                .required = false,
                                .variadic = true}};
constexpr Arg words_arg[] = {
    {.name = "WORD", .summary = "what was typed", .required = false, .variadic = true}};

constexpr Flag systemd_flags[] = {
    {.name = "--program",
     .type = ValueType::file,
     .placeholder = "PATH",
     .summary = "where horologd is installed (default /usr/bin/horologd)"},
    {.name = "--config",
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "its configuration (default /etc/horolog/horologd.yaml)"}};
constexpr Flag prometheus_flags[] = {{.name = "--rules", .summary = "alert rules instead"}};
constexpr Flag dev_flags[] = {
    {.name = "--data-dir",
     .type = ValueType::directory,
     .placeholder = "DIR",
     .summary = "keep the data there (default: a temporary directory, removed at the end)"},
    {.name = "--port",
     .type = ValueType::integer,
     .placeholder = "PORT",
     .summary = "where clients connect (default: any free port)"}};

constexpr Example errors_examples[] = {{"errors lookup 25", "what UNKNOWN_MEMBER_ID means"},
                                       {"errors lookup not-coordinator", "by name"}};
constexpr Example profile_examples[] = {
    {"profile set prod bootstrap.servers=kafka1:9092,kafka2:9092", "names a cluster"},
    {"profile use prod", "makes it the default"},
    {"--profile prod errors ls", "uses it once"}};
constexpr Example completion_examples[] = {
    {"completion bash > /etc/bash_completion.d/horolog", "for every new shell"}};
constexpr Example dev_examples[] = {{"dev", "a broker on a free port, until Ctrl-C"}};
constexpr Example bench_examples[] = {{"bench --help", "what can be measured"}};
constexpr Example check_examples[] = {
    {"config check /etc/horolog/horologd.yaml", "exit 2 with every mistake and its line"}};
constexpr Example explain_examples[] = {
    {"config explain log.segment.bytes", "meaning, unit, range and default"},
    {"config explain retention.ms", "a topic's setting: what it overrides"}};
constexpr Example prometheus_examples[] = {
    {"generate prometheus broker1:9644", "a scrape configuration"},
    {"generate prometheus --rules", "alert rules"}};

void add_lookups(Commands& table) {
  static const Command commands[] = {
      {.path = "errors lookup",
       .summary = "Say what an error of the protocol means, and what to do",
       .args = error_arg,
       .examples = errors_examples,
       .output = errors_output(),
       .run = run_errors_lookup},
      {.path = "errors ls",
       .summary = "List every error of the protocol",
       .output = errors_output(),
       .run = run_errors_ls},
      {.path = "profile ls",
       .summary = "List the named clusters",
       .output = profiles_output(),
       .run = run_profile_ls},
      {.path = "profile set",
       .summary = "Make or change a named cluster",
       .args = profile_set_args,
       .examples = profile_examples,
       .run = run_profile_set},
      {.path = "profile use",
       .summary = "Choose the cluster that commands go to",
       .args = profile_arg,
       .run = run_profile_use},
      {.path = "profile rm",
       .summary = "Forget a named cluster",
       .args = profile_arg,
       .run = run_profile_rm,
       .alias = "delete"},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_files(Commands& table) {
  static const Command commands[] = {
      {.path = "completion",
       .summary = "Print the script that makes a shell complete horolog's words",
       .args = shell_arg,
       .examples = completion_examples,
       .run = run_completion},
      {.path = "generate completion",
       .summary = "The same as 'horolog completion'",
       .args = shell_arg,
       .run = run_completion},
      {.path = "generate systemd",
       .summary = "Print the unit that runs horologd under systemd",
       .flags = systemd_flags,
       .run = run_generate_systemd},
      {.path = "generate prometheus",
       .summary = "Print what makes Prometheus watch brokers",
       .args = targets_arg,
       .flags = prometheus_flags,
       .examples = prometheus_examples,
       .run = run_generate_prometheus},
      {.path = "generate reference",
       .summary = "Print the reference of horolog in Markdown",
       .run = run_generate_reference},
      {.path = "generate man",
       .summary = "Write the manual pages of horolog",
       .args = directory_arg,
       .run = run_generate_man},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_programs(Commands& table) {
  static const Command commands[] = {
      {.path = "config check",
       .summary = "Check a configuration file of horologd, and its data directory",
       .args = file_arg,
       .examples = check_examples,
       .run = run_config_check},
      {.path = "config explain",
       .summary = "Say what a setting of horologd means",
       .args = key_arg,
       .examples = explain_examples,
       .output = config_explain_output(),
       .run = run_config_explain},
      {.path = "dev",
       .summary = "Run a broker to try things with; it ends with the terminal",
       .flags = dev_flags,
       .examples = dev_examples,
       .run = run_dev},
      {.path = "bench",
       .summary = "Start horolog-bench with the words that follow",
       .examples = bench_examples,
       .run = run_bench,
       .raw = true},
      {.path = "__complete",
       .summary = "What may follow the words given; for the shells",
       .args = words_arg,
       .run = run_complete,
       .hidden = true,
       .raw = true},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace

void add_local_commands(Commands& table) {
  add_lookups(table);
  add_files(table);
  add_programs(table);
}

}  // namespace horolog::command
