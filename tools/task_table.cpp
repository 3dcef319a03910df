#include "tools/families.hpp"
#include "tools/task_commands.hpp"

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

}  // namespace

void add_task_commands(Commands& table) {
  static const Command commands[] = {
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
