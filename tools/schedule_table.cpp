#include "tools/cluster_commands.hpp"
#include "tools/families.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_flags.hpp"
#include "tools/schedule_selection.hpp"

namespace horolog::command {
namespace {

constexpr Arg key_arg[] = {{"KEY", ValueType::text, "the schedule's name"}};
constexpr Arg keys_arg[] = {{.name = "KEY",
                             .summary = "schedules, or patterns with * and ?",
                             .required = false,
                             .variadic = true}};

constexpr Arg file_arg[] = {{"FILE", ValueType::file, "a crontab"}};

constexpr Flag yes_flag = {.name = "--yes", .letter = 'y', .summary = "do not ask"};
constexpr Flag dry_flag = {.name = "--dry-run", .summary = "show what would happen, and stop"};
constexpr Flag generation_flag = {
    .name = "--if-generation",
    .type = ValueType::integer,
    .placeholder = "N",
    .summary = "only when the schedule still has this generation; -1: when there is none"};

constexpr Flag create_flags[] = {
    generation_flag,
    {.name = "--if-not-exists", .summary = "only when there is none of that name"},
    dry_flag,
    no_wait_flag,
    decision_timeout_flag};
constexpr Flag alter_flags[] = {
    {.name = "--unset",
     .type = ValueType::text,
     .placeholder = "FIELD",
     .summary = "back to the default, such as jitter or labels",
     .repeatable = true},
    generation_flag,
    no_wait_flag,
    decision_timeout_flag};
constexpr Flag act_flags[] = {yes_flag, dry_flag, no_wait_flag, decision_timeout_flag};
constexpr Flag ls_flags[] = {
    {.name = "--sort", .type = ValueType::choice, .placeholder = "BY", .summary = "the order",
     .choices = "key|next"},
    {.name = "--map", .summary = "a calendar of what fires when instead of the list"}};
constexpr Flag describe_flags[] = {
    {.name = "--count", .letter = 'n', .type = ValueType::integer, .placeholder = "N",
     .summary = "coming fires (default 5)"},
    {.name = "--since", .type = ValueType::text, .placeholder = "TIME",
     .summary = "history from then on, the last 20 records of it (default -24h)"}};
constexpr Flag backfill_flags[] = {
    {.name = "--from", .type = ValueType::text, .placeholder = "TIME", .summary = "the first"},
    {.name = "--to", .type = ValueType::text, .placeholder = "TIME", .summary = "the last, past"},
    generation_flag,
    dry_flag,
    no_wait_flag,
    decision_timeout_flag};

constexpr Flag import_flags[] = {
    {.name = "--topic", .letter = 't', .type = ValueType::topic, .placeholder = "TOPIC",
     .summary = "where they fire to; the command of a line is the payload"},
    {.name = "--prefix", .type = ValueType::text, .placeholder = "TEXT",
     .summary = "of the keys (default: the file's name and a colon)"},
    {.name = "--timezone", .type = ValueType::text, .placeholder = "ZONE",
     .summary = "of lines without CRON_TZ above them (default UTC)"},
    {.name = "--system", .summary = "lines name a user, as in /etc/crontab"},
    dry_flag,
    yes_flag,
    no_wait_flag,
    decision_timeout_flag};

constexpr Flag check_flags[] = {
    {.name = "--warn", .type = ValueType::integer, .placeholder = "MS",
     .summary = "a warning when a fire is overdue by so much"},
    {.name = "--crit", .type = ValueType::integer, .placeholder = "MS",
     .summary = "critical when a fire is overdue by so much"},
    {.name = "--since", .type = ValueType::text, .placeholder = "TIME",
     .summary = "what happened from then on (default an hour ago)"},
    {.name = "--format", .type = ValueType::choice, .placeholder = "FORMAT",
     .summary = "how to print", .choices = "nagios|json|prometheus"}};

constexpr Example check_examples[] = {
    {"check schedule --since -24h --warn 1000 --crit 60000", "a day, and whether fires are late"}};
constexpr Example import_examples[] = {
    {"schedule import crontab --topic jobs --timezone Europe/Berlin --dry-run",
     "what would be created, and what it changes"}};
constexpr Example create_examples[] = {
    {"schedule create report:eu --topic reports --cron '0 7 * * MON-FRI' "
     "--timezone Europe/Berlin --value '{}' --label team=sales",
     "every working day at seven"},
    {"schedule create invoice:42 --topic invoices --delay 15m --value-file invoice.json",
     "once, in a quarter of an hour"}};
constexpr Example alter_examples[] = {
    {"schedule alter report:eu --cron '30 7 * * MON-FRI' --if-generation 17", "half an hour later"},
    {"schedule alter report:eu --unset jitter", "back to the default"}};
constexpr Example pause_examples[] = {
    {"schedule pause --label team=sales --dry-run", "which ones it would be"}};
constexpr Example rm_examples[] = {{"schedule rm 'retry:*' --target emails --yes", "a selection"}};
constexpr Example ls_examples[] = {
    {"schedule ls --sort next --until 2027-01-01", "what fires next"},
    {"schedule ls --label team=sales --map", "when it is busy"}};
constexpr Example backfill_examples[] = {
    {"schedule backfill report:eu --from 2026-03-01 --to 2026-03-05", "five days once more"}};

/// Flags behind those that select schedules.
std::vector<Flag> with_selection(std::span<const Flag> own) {
  std::vector<Flag> out(selection_flags().begin(), selection_flags().end());
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

void add_definitions(Commands& table) {
  static const std::vector<Flag> create = with_schedule_flags(create_flags);
  static const std::vector<Flag> alter = with_schedule_flags(alter_flags);
  static const Command commands[] = {
      {.path = "schedule create",
       .summary = "Create or replace a schedule, and wait until a scheduler has accepted it",
       .args = key_arg,
       .flags = create,
       .examples = create_examples,
       .output = schedule_sent_output(),
       .run = run_schedule_create},
      {.path = "schedule alter",
       .summary = "Change single fields of a schedule",
       .args = key_arg,
       .flags = alter,
       .examples = alter_examples,
       .output = schedule_sent_output(),
       .run = run_schedule_alter},
      {.path = "schedule backfill",
       .summary = "Fire past times of a schedule once more",
       .args = key_arg,
       .flags = backfill_flags,
       .examples = backfill_examples,
       .output = schedule_sent_output(),
       .run = run_schedule_backfill},
      {.path = "schedule import",
       .summary = "Create schedules from a crontab, and say what is not as it was",
       .args = file_arg,
       .flags = import_flags,
       .examples = import_examples,
       .output = schedule_import_output(),
       .run = run_schedule_import},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_views(Commands& table) {
  static const std::vector<Flag> ls = with_selection(ls_flags);
  static const std::vector<Flag> chosen = with_selection({});
  static const Command commands[] = {
      {.path = "schedule ls",
       .summary = "List schedules and when they fire next",
       .args = keys_arg,
       .flags = ls,
       .examples = ls_examples,
       .output = schedule_ls_output(),
       .run = run_schedule_ls},
      {.path = "schedule describe",
       .summary = "Show a schedule, its next fires and its history",
       .args = key_arg,
       .flags = describe_flags,
       .output = schedule_describe_output(),
       .run = run_schedule_describe,
       .alias = "show"},
      {.path = "schedule export",
       .summary = "Print schedules with headers and payload, as JSON lines",
       .args = keys_arg,
       .flags = chosen,
       .run = run_schedule_export},
  };
  for (const Command& command : commands) table.push_back(&command);
}

void add_check(Commands& table) {
  static const Command command = {
      .path = "check schedule",
      .summary = "Check that every time was fired once, or is named in the history",
      .details = "Compares the targets, the history and the rules, all read with read_committed; "
                 "those of finished, cancelled and replaced schedules too, as long as the state "
                 "topic still has them. What it could not see it says. "
                 "Exit 0 ok, 1 warning, 2 critical (twice, lost or unnamed), 3 unknown.",
      .args = keys_arg,
      .flags = check_flags,
      .examples = check_examples,
      .output = check_output(),
      .run = run_check_schedule};
  table.push_back(&command);
}

void add_actions(Commands& table) {
  static const std::vector<Flag> act = with_selection(act_flags);
  static const Command commands[] = {
      {.path = "schedule pause",
       .summary = "Stop schedules from firing until they are resumed",
       .args = keys_arg,
       .flags = act,
       .examples = pause_examples,
       .output = schedule_sent_output(),
       .run = run_schedule_pause},
      {.path = "schedule resume",
       .summary = "Let paused schedules fire again",
       .args = keys_arg,
       .flags = act,
       .output = schedule_sent_output(),
       .run = run_schedule_resume},
      {.path = "schedule trigger",
       .summary = "Fire schedules once, now, beside their rule",
       .args = keys_arg,
       .flags = act,
       .output = schedule_sent_output(),
       .run = run_schedule_trigger},
      {.path = "schedule rm",
       .summary = "Cancel schedules",
       .args = keys_arg,
       .flags = act,
       .examples = rm_examples,
       .output = schedule_sent_output(),
       .run = run_schedule_rm,
       .alias = "delete"},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace

void add_schedule_commands(Commands& table) {
  add_definitions(table);
  add_views(table);
  add_actions(table);
  add_check(table);
  add_calendar_commands(table);
}

}  // namespace horolog::command
