#include "tools/cluster_commands.hpp"
#include "tools/families.hpp"
#include "tools/task_commands.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Arg dead_arg[] = {{.name = "FIRE-ID", .summary = "tasks, as task ls names them",
                             .variadic = true}};
constexpr Arg cancel_arg[] = {{.name = "TASK",
                               .summary = "fire ids, or schedules of tasks that are not due yet",
                               .variadic = true}};
constexpr Arg topics_arg[] = {{.name = "TOPIC", .type = ValueType::topic,
                               .summary = "topics of tasks", .variadic = true}};
constexpr Arg paused_arg[] = {{.name = "TOPIC", .type = ValueType::topic,
                               .summary = "topics of tasks; none: what is paused",
                               .required = false, .variadic = true}};
constexpr Arg topic_arg[] = {{.name = "TOPIC", .type = ValueType::topic,
                              .summary = "of the tasks"}};
constexpr Arg letter_arg[] = {{.name = "TOPIC", .type = ValueType::topic,
                               .summary = "the tasks' topic, or its TOPIC.dlq"}};

constexpr Flag reason_flag = {.name = "--reason", .type = ValueType::text, .placeholder = "TEXT",
                              .summary = "stands in the history"};
constexpr Flag cancel_flags[] = {
    reason_flag,
    {.name = "--timeout", .type = ValueType::duration, .placeholder = "TIME",
     .summary = "how long to wait for what a worker makes of it (default 5s)"}};
constexpr Flag reason_flags[] = {reason_flag};
constexpr Flag export_flags[] = {
    {.name = "--all", .summary = "also those that were sent again or discarded"}};
constexpr Flag check_flags[] = {
    {.name = "--warn", .type = ValueType::integer, .placeholder = "MS",
     .summary = "a warning when the oldest task waits for so long"},
    {.name = "--crit", .type = ValueType::integer, .placeholder = "MS",
     .summary = "critical when the oldest task waits for so long"},
    {.name = "--warn-dead", .type = ValueType::integer, .placeholder = "N",
     .summary = "a warning when so many tasks are dead, and neither retried nor discarded"},
    {.name = "--crit-dead", .type = ValueType::integer, .placeholder = "N",
     .summary = "critical when so many are"},
    {.name = "--since", .type = ValueType::text, .placeholder = "TIME",
     .summary = "what happened from then on (default an hour ago)"},
    {.name = "--group", .letter = 'g', .type = ValueType::group, .placeholder = "GROUP",
     .summary = "whose work it is (default: the group that did most of it)"},
    {.name = "--format", .type = ValueType::choice, .placeholder = "FORMAT",
     .summary = "how to print", .choices = "nagios|json|prometheus"}};

constexpr Example retry_examples[] = {
    {"task retry 0f0e2b6c-6a5c-5f0e-8f4e-0d6a7c1b2a3d", "one dead task, as a new one"}};
constexpr Example cancel_examples[] = {
    {"task cancel daily --reason 'not this week'", "a task submitted with --unique daily"}};
constexpr Example pause_examples[] = {
    {"task pause emails --reason 'the mail server moves'", "workers start no e-mails any more"}};
constexpr Example export_examples[] = {
    {"task dlq export emails > dead.jsonl", "to be looked at, mended and sent with "
                                            "'horolog produce --json'"}};
constexpr Example check_examples[] = {
    {"check task emails --warn 60000 --crit 600000 --crit-dead 1",
     "e-mails that wait for minutes, or any that is dead"}};

}  // namespace

void add_task_change_commands(Commands& table) {
  static const Command commands[] = {
      {.path = "task retry",
       .summary = "Give a dead task out again, or make a failed one's next attempt due now",
       .details = "A dead task becomes a new one with all its attempts, exactly once, in one "
                  "transaction with the mark on its letter. Of one in the state retrying only the "
                  "wait is cut short. Every other state is refused (exit 6).",
       .args = dead_arg,
       .examples = retry_examples,
       .output = task_retry_output(),
       .run = run_task_retry},
      {.path = "task cancel",
       .summary = "See to it that a task is not started, or not tried again",
       .details = "A task that is not due yet goes with its schedule. For any other a record in "
                  "horolog.tasks tells the workers to start no further attempt: it ends in the "
                  "state cancelled. One that runs is not stopped. For a task that never comes the "
                  "record is kept for 30 days.",
       .args = cancel_arg,
       .flags = cancel_flags,
       .examples = cancel_examples,
       .output = task_cancel_output(),
       .run = run_task_cancel},
      {.path = "task discard",
       .summary = "Settle a dead task for good",
       .details = "Its letter stays where it is until its retention ends, and 'task dlq retry' "
                  "passes it over.",
       .args = dead_arg,
       .flags = reason_flags,
       .output = task_discard_output(),
       .run = run_task_discard},
      {.path = "task pause",
       .summary = "Let workers start no more tasks of a topic; without topics: show what is paused",
       .details = "Holds for the workers of all groups, within a moment; tasks that run end. It is "
                  "a record in horolog.tasks and outlives restarts.",
       .args = paused_arg,
       .flags = reason_flags,
       .examples = pause_examples,
       .output = task_pause_output(),
       .run = run_task_pause},
      {.path = "task resume",
       .summary = "Let workers start a topic's tasks again",
       .args = topics_arg,
       .output = task_pause_output(),
       .run = run_task_resume},
      {.path = "task dlq export",
       .summary = "Dead tasks as JSON lines that produce --json sends",
       .details = "As 'consume --json' prints records: topic, partition and offset are the task's, "
                  "the headers those of a new task and the horolog-dead ones.",
       .args = letter_arg,
       .flags = export_flags,
       .examples = export_examples,
       .output = task_dlq_export_output(),
       .run = run_task_dlq_export},
      {.path = "check task",
       .summary = "Check how long tasks wait, and whether some are dead",
       .details = "Exit 0 ok, 1 warning, 2 critical, 3 unknown.",
       .args = topic_arg,
       .flags = check_flags,
       .examples = check_examples,
       .output = check_output(),
       .run = run_check_task},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
