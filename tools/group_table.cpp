#include "tools/families.hpp"
#include "tools/group_commands.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Arg group_arg[] = {
    {.name = "GROUP", .type = ValueType::group, .summary = "the group", .flag = "--group"}};
constexpr Arg groups_arg[] = {{.name = "GROUP",
                               .type = ValueType::group,
                               .summary = "the groups",
                               .variadic = true,
                               .flag = "--group"}};
constexpr Arg offset_rm_args[] = {
    {.name = "GROUP", .type = ValueType::group, .summary = "the group", .flag = "--group"},
    {.name = "TOPIC[:PARTITIONS]",
     .type = ValueType::topic,
     .summary = "like orders or orders:0,2-4",
     .variadic = true,
     .flag = "--topic"}};
constexpr Arg import_arg[] = {
    {"FILE", ValueType::file, "lines of [group,]topic,partition,offset"}};

constexpr Flag state_flag = {.name = "--state",
                             .type = ValueType::text,
                             .placeholder = "STATE,…",
                             .summary = "groups in these states only (Stable, Empty, …)"};
constexpr Flag list_flags[] = {state_flag,
                               {.name = "--type",
                                .type = ValueType::choice,
                                .placeholder = "TYPE",
                                .summary = "groups of this protocol only",
                                .choices = "classic|consumer|share|streams"}};
constexpr Flag describe_flags[] = {
    {.name = "--sample",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "look twice, so long apart: rates, time to catch up, and a surer status"}};
constexpr Flag lag_flags[] = {watch_flag, interval_flag, until_flag, timeout_flag};
constexpr Flag top_flags[] = {
    watch_flag,
    interval_flag,
    state_flag,
    {.name = "--lagging", .summary = "groups that are behind only"},
    {.name = "--stalled", .summary = "groups that are behind and do not move only"},
    {.name = "--sort",
     .type = ValueType::choice,
     .placeholder = "BY",
     .summary = "what comes first (default: the largest lag)",
     .choices = "lag|lag-time|name"}};
constexpr Flag yes_flags[] = {{.name = "--yes", .letter = 'y', .summary = "do not ask"}};

// Kafka's spellings of where to.
constexpr Alias to_aliases[] = {
    {.name = "--to-earliest", .prefix = "earliest", .takes_value = false},
    {.name = "--to-latest", .prefix = "latest", .takes_value = false},
    {.name = "--to-current", .prefix = "current", .takes_value = false},
    {.name = "--to-offset"},
    {.name = "--to-datetime", .prefix = "@"},
    {.name = "--by-duration", .prefix = "@-"},
};
constexpr Flag reset_flags[] = {
    {.name = "--to",
     .type = ValueType::text,
     .placeholder = "WHERE",
     .summary = "earliest, latest, current, 1234, +100, -100, @2026-01-31T10:00+01:00, @-2h",
     .aliases = to_aliases},
    {.name = "--to-group",
     .type = ValueType::group,
     .placeholder = "GROUP",
     .summary = "where that group is"},
    {.name = "--from-file",
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "where the file says: lines of topic,partition,offset"},
    {.name = "--topic",
     .letter = 't',
     .type = ValueType::topic,
     .placeholder = "TOPIC[:PARTITIONS]",
     .summary = "only these, like orders:0,2-4 (default: all that were committed)",
     .repeatable = true},
    {.name = "--allow-new-topics", .summary = "also topics that the group never read"},
    {.name = "--no-clamp", .summary = "fail where the log does not reach, do not take its end"},
    {.name = "--wait-empty",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "wait so long for the group's members to leave"},
    {.name = "--dry-run", .summary = "the plan only, whatever else is said"},
    {.name = "--execute", .summary = "apply the plan"},
    {.name = "--yes", .letter = 'y', .summary = "the same as --execute"},
};
constexpr Flag import_flags[] = {
    {.name = "--group",
     .type = ValueType::group,
     .placeholder = "GROUP",
     .summary = "whose offsets they are, when the file does not say"},
    {.name = "--dry-run", .summary = "print what would be committed"},
    {.name = "--execute", .summary = "commit"},
};

constexpr Example describe_examples[] = {
    {"group describe billing", "each partition: committed, end, lag in records and in time"},
    {"group describe billing --sample 5s", "with rates and the time to catch up"}};
constexpr Example lag_examples[] = {
    {"group lag billing --watch", "a live table"},
    {"group lag billing --until lag<100 --timeout 5m", "wait in a script until it has caught up"}};
constexpr Example reset_examples[] = {
    {"group reset billing --to @-2h", "the plan for going back two hours"},
    {"group reset billing -t orders:0-3 --to earliest --execute", "some partitions, at once"},
    {"group reset billing --from-file plan.csv --execute", "what a file says; undo works so"}};
constexpr Example export_examples[] = {
    {"group export billing > offsets.csv", "as kafka-consumer-groups --export writes it"}};

constexpr char reset_details[] =
    "Prints a plan first and commits nothing without --execute (or 'y' on a terminal). The\n"
    "offsets from before are saved, and the command that brings them back is printed. A group\n"
    "with members is left alone: exit 6, with who they are.";

void add_views(Commands& table) {
  static const Command commands[] = {
      {.path = "group ls",
       .summary = "List the groups",
       .flags = list_flags,
       .output = group_ls_output(),
       .run = run_group_ls},
      {.path = "group describe",
       .summary = "Show where a group is on each partition, and how far behind",
       .args = group_arg,
       .flags = describe_flags,
       .examples = describe_examples,
       .output = group_describe_output(),
       .run = run_group_describe,
       .alias = "show"},
      {.path = "group members",
       .summary = "List who is in a group, and what each reads",
       .args = group_arg,
       .output = group_members_output(),
       .run = run_group_members},
      {.path = "group lag",
       .summary = "Show a group's lag, once or again and again",
       .args = group_arg,
       .flags = lag_flags,
       .examples = lag_examples,
       .output = group_lag_output(),
       .run = run_group_lag},
      {.path = "group top",
       .summary = "Show all groups, the one furthest behind first",
       .flags = top_flags,
       .output = group_top_output(),
       .run = run_group_top},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_changes(Commands& table) {
  static const Command commands[] = {
      {.path = "group rm",
       .summary = "Delete groups that have no members",
       .args = groups_arg,
       .flags = yes_flags,
       .run = run_group_rm,
       .alias = "delete"},
      {.path = "group offset-rm",
       .summary = "Forget what a group has committed for topics",
       .args = offset_rm_args,
       .flags = yes_flags,
       .run = run_group_offset_rm},
      {.path = "group reset",
       .summary = "Move a group to other offsets: a plan first",
       .details = reset_details,
       .args = group_arg,
       .flags = reset_flags,
       .examples = reset_examples,
       .output = group_reset_output(),
       .run = run_group_reset},
      {.path = "group export",
       .summary = "Print committed offsets as CSV",
       .args = groups_arg,
       .examples = export_examples,
       .run = run_group_export},
      {.path = "group import",
       .summary = "Commit the offsets that a file holds",
       .args = import_arg,
       .flags = import_flags,
       .run = run_group_import},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace

void add_group_commands(Commands& table) {
  add_views(table);
  add_changes(table);
}

}  // namespace horolog::command
