#include "tools/families.hpp"
#include "tools/task_commands.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Arg work_args[] = {{.name = "TOPIC",
                              .type = ValueType::topic,
                              .summary = "the topics whose records are the tasks",
                              .variadic = true,
                              .flag = "--topic"}};
constexpr Flag work_flags[] = {
    {.name = "--exec",
     .letter = 'x',
     .type = ValueType::text,
     .placeholder = "COMMAND",
     .summary = "for each task: run by sh, with the payload on stdin"},
    {.name = "--group",
     .letter = 'g',
     .type = ValueType::group,
     .placeholder = "GROUP",
     .summary = "who shares the work (default: the first topic's name with '-workers')"},
    {.name = "--concurrency",
     .letter = 'c',
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "commands at the same time (default 8)"},
    {.name = "--min-concurrency",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "with it the number moves between the two by how long commands take"},
    {.name = "--metrics-port",
     .type = ValueType::integer,
     .placeholder = "PORT",
     .summary = "serves /metrics, /livez and /readyz there (default: nowhere; 0: any port)"},
    {.name = "--metrics-host",
     .type = ValueType::text,
     .placeholder = "HOST",
     .summary = "the address for that (default 127.0.0.1)"},
    {.name = "--max-attempts",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "then to TOPIC.dlq (default 5; a task's horolog-max-attempts wins)"},
    {.name = "--backoff",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "before the second attempt, doubled for each later one (default 1s)"},
    {.name = "--max-backoff",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "the longest of these waits (default 5m)"},
    {.name = "--task-timeout",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "of one attempt (default none; a task's horolog-timeout wins)"},
    {.name = "--drain-timeout",
     .type = ValueType::duration,
     .placeholder = "TIME",
     .summary = "how long commands may finish after SIGTERM (default 30s)"},
    {.name = "--rate",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "at most so many starts per second"},
    {.name = "--ordered", .summary = "tasks with the same key one after the other"},
    {.name = "--per-key",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "with --ordered: so many of a key at the same time (default 1)"},
    {.name = "--name",
     .type = ValueType::text,
     .placeholder = "NAME",
     .summary = "of this worker in the history (default: host, process id, random)"},
};
constexpr Example work_examples[] = {
    {"task work emails --exec './send-mail' --concurrency 8", "run a program for every e-mail"},
    {"task work builds -x 'jq -r .branch | xargs ./build' --task-timeout 10m --max-attempts 2",
     "JSON payloads, ten minutes each, tried twice"},
};

constexpr Flag since_flag = {.name = "--since",
                             .type = ValueType::text,
                             .placeholder = "TIME",
                             .summary = "what happened since then: -2h, 2026-01-31T10:00Z "
                                        "(default -24h)"};
constexpr Flag list_flags[] = {
    {.name = "--topic", .letter = 't', .type = ValueType::topic, .placeholder = "TOPIC",
     .summary = "tasks of this topic only"},
    {.name = "--state",
     .type = ValueType::choice,
     .placeholder = "STATE",
     .summary = "tasks in this state only",
     .choices = "waiting|running|retrying|succeeded|dead|expired|stopped|cancelled|retried|"
                "discarded"},
    {.name = "--schedule", .type = ValueType::text, .placeholder = "KEY",
     .summary = "tasks that this schedule fired"},
    {.name = "--limit", .type = ValueType::integer, .placeholder = "N",
     .summary = "at most so many, the latest first (default 50)"},
    since_flag,
};
constexpr Example list_examples[] = {
    {"task ls --state dead --since -7d", "what was put aside this week"}};
constexpr Arg describe_args[] = {{.name = "FIRE-ID", .summary = "the task, as task ls names it"}};
constexpr Flag stats_flags[] = {
    since_flag,
    {.name = "--group", .letter = 'g', .type = ValueType::group, .placeholder = "GROUP",
     .summary = "whose backlog it is (default: the group that did most of the work)"},
    watch_flag, interval_flag};
constexpr Arg stats_args[] = {{.name = "TOPIC", .type = ValueType::topic,
                               .summary = "one topic's tasks only", .required = false}};
constexpr Example stats_examples[] = {
    {"task stats emails --since -1h --watch", "an hour of e-mails, looked at every two seconds"}};
constexpr Arg letter_args[] = {{.name = "TOPIC", .type = ValueType::topic,
                                .summary = "the tasks' topic, or its TOPIC.dlq"}};

constexpr Flag letter_flags[] = {
    {.name = "--execute", .summary = "send them; without it, only what would be sent is shown"}};
constexpr Example letter_examples[] = {
    {"task dlq retry emails --execute", "after the mail server has been mended"}};

constexpr Arg submit_args[] = {
    {.name = "TOPIC", .type = ValueType::topic, .summary = "where the task goes",
     .flag = "--topic"},
    {.name = "PAYLOAD", .summary = "its value (default: stdin)", .required = false}};
constexpr Flag submit_flags[] = {
    {.name = "--key", .letter = 'k', .type = ValueType::text, .placeholder = "KEY",
     .summary = "of the record: decides the partition, and the order"},
    {.name = "--header", .letter = 'H', .type = ValueType::key_value, .placeholder = "NAME=VALUE",
     .summary = "travels with the task", .repeatable = true},
    {.name = "--delay", .type = ValueType::duration, .placeholder = "TIME",
     .summary = "due so long from now; needs a scheduler"},
    {.name = "--at", .type = ValueType::text, .placeholder = "TIME",
     .summary = "due then: 2026-01-31T10:00+01:00; needs a scheduler"},
    {.name = "--unique", .type = ValueType::text, .placeholder = "NAME",
     .summary = "replaces the task of that name that is not due yet; needs a scheduler"},
    {.name = "--priority", .type = ValueType::integer, .placeholder = "0-9",
     .summary = "9 first (default 5)"},
    {.name = "--lane", .type = ValueType::text, .placeholder = "LANE",
     .summary = "whose share of the workers it takes"},
    {.name = "--expires", .type = ValueType::text, .placeholder = "TIME",
     .summary = "not started after that: 10m, or an instant"},
    {.name = "--max-attempts", .type = ValueType::integer, .placeholder = "N",
     .summary = "then it is put aside"},
    {.name = "--backoff", .type = ValueType::duration, .placeholder = "TIME",
     .summary = "before the second attempt, like 2s"},
    {.name = "--task-timeout", .type = ValueType::duration, .placeholder = "TIME",
     .summary = "of one attempt, like 90s"},
};
constexpr Example submit_examples[] = {
    {"task submit emails 'to eu' --key eu --delay 15m", "a task that is due in 15 minutes"},
    {"task submit reports today --unique daily --at 2030-01-31T18:00Z",
     "again with another time replaces it"}};

}  // namespace

void add_task_commands(Commands& table) {
  static const Command commands[] = {
      {.path = "task submit",
       .summary = "Give a task to the workers of a topic",
       .args = submit_args,
       .flags = submit_flags,
       .examples = submit_examples,
       .output = task_submit_output(),
       .run = run_task_submit},
      {.path = "task ls",
       .summary = "Tasks and their states, from the history",
       .details = "A task is in the history from its fire on; one that was produced plainly from "
                  "its first attempt's end, or when that takes longer than a second.",
       .flags = list_flags,
       .examples = list_examples,
       .output = task_ls_output(),
       .run = run_task_ls},
      {.path = "task describe",
       .summary = "One task and its timeline",
       .args = describe_args,
       .output = task_describe_output(),
       .run = run_task_describe,
       .alias = "show"},
      {.path = "task stats",
       .summary = "Processing time, execution time, throughput, and failures by their error",
       .args = stats_args,
       .flags = stats_flags,
       .examples = stats_examples,
       .output = task_stats_output(),
       .run = run_task_stats},
      {.path = "task dlq ls",
       .summary = "The tasks that were put aside, and why",
       .args = letter_args,
       .output = task_dlq_ls_output(),
       .run = run_task_dlq_ls},
      {.path = "task dlq retry",
       .summary = "Give the tasks that were put aside to the workers again",
       .details = "Each dead letter is sent to its topic once, as a new task with all its "
                  "attempts: which were sent already is kept as the offsets of the group "
                  "TOPIC.dlq-retried, in the same transaction. Move that group to send them "
                  "again.",
       .args = letter_args,
       .flags = letter_flags,
       .examples = letter_examples,
       .output = task_dlq_retry_output(),
       .run = run_task_dlq_retry},
      {.path = "task work",
       .summary = "Work on a topic's tasks with any command",
       .details = "The command gets HOROLOG_TASK_TOPIC, _PARTITION, _OFFSET, _KEY, _FIRE_ID, "
                  "_ATTEMPT, and headers as HOROLOG_TASK_HEADER_NAME. Exit 0: done. Exit 65: put "
                  "aside at once, in TOPIC.dlq. Anything else, a signal or its time being over: "
                  "tried again with backoff, and put aside after the last attempt; what it printed "
                  "is kept. SIGTERM and Ctrl-C finish what runs and leave the group.",
       .args = work_args,
       .flags = work_flags,
       .examples = work_examples,
       .output = task_work_output(),
       .run = run_task_work},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
