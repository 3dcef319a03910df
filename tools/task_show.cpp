// horolog task ls, describe: what the history says of tasks.

#include <fmt/format.h>

#include "tools/cluster_settings.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/task_timeline.hpp"

namespace horolog::command {
namespace {

constexpr std::size_t timeline_width = 40;

constexpr Column list_columns[] = {
    {.name = "fire_id", .key = true},
    {"topic"},
    {"state", ColumnType::text,
     "waiting, running, retrying, succeeded, dead, expired, stopped, cancelled, retried, "
     "discarded"},
    {"attempt", ColumnType::integer, "0: none has begun"},
    {.name = "schedule", .when_used = true},
    {"at", ColumnType::time, "of the last event"},
    {.name = "next_attempt", .type = ColumnType::time, .when_used = true},
    {.name = "execution", .type = ColumnType::duration, .meaning = "of the last attempt",
     .when_used = true},
    {.name = "worker", .wide = true},
    {.name = "reason", .when_used = true},
};
constexpr SectionSpec list_output[] = {{"tasks", list_columns}};

constexpr Column task_columns[] = {
    {.name = "fire_id", .key = true},
    {"topic"},
    {"state"},
    {"attempts", ColumnType::integer},
    {.name = "schedule", .when_used = true},
    {.name = "planned", .type = ColumnType::time, .meaning = "nominal time", .when_used = true},
    {.name = "next_attempt", .type = ColumnType::time, .when_used = true},
};
constexpr Column event_columns[] = {
    {.name = "at", .type = ColumnType::time, .key = true},
    {"since_start", ColumnType::duration, "since the plan or the first event"},
    {"event"},
    {"attempt", ColumnType::integer},
    {"execution", ColumnType::duration},
    {"worker"},
    {.name = "reason", .when_used = true},
};
constexpr SectionSpec describe_output[] = {{"task", task_columns, true},
                                           {"timeline", event_columns}};

std::optional<std::int64_t> rounded_ms(const std::optional<std::int64_t>& us) {
  return us ? std::optional((*us + 500) / 1'000) : std::nullopt;
}

Cell next_attempt(const TaskInfo& task) {
  return task.state() == "retrying" ? cell_of(task.retry_at) : Cell();
}

Cell topic_of(const TaskInfo& task) { return task.topic.empty() ? Cell() : Cell(task.topic); }

}  // namespace

std::span<const SectionSpec> task_ls_output() { return list_output; }
std::span<const SectionSpec> task_describe_output() { return describe_output; }

Exit run_task_ls(Context& context) {
  const auto since = since_of(context, day_in_ms);
  if (!since) return context.fail(since.error());
  const auto topic = context.text("--topic"), state = context.text("--state");
  const auto schedule = context.text("--schedule");
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const auto found = tasks->list(*since, [&](const TaskInfo& task) {
    return (!topic || task.topic == *topic) && (!state || task.state() == *state) &&
           (!schedule || task.schedule == *schedule);
  });
  if (!found) return fail_cluster(context, found.error());
  const std::int64_t limit = context.integer("--limit", 50);
  Report report;
  Section& section = report.add(list_output[0]);
  for (const TaskInfo& task : *found) {
    if (static_cast<std::int64_t>(section.rows.size()) >= limit) {
      context.note(fmt::format("only the latest {}: --limit shows more", limit));
      break;
    }
    const TaskEvent& last = task.last();
    section.rows.push_back({task.fire_id, topic_of(task), std::string(task.state()),
                            task.attempt(), cell_of(task.schedule), last.at, next_attempt(task),
                            cell_of(rounded_ms(last.duration_us)), cell_of(last.worker),
                            cell_of(last.reason)});
  }
  context.print(report);
  return Exit::ok;
}

Exit run_task_describe(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const auto task = tasks->describe(context.args()[0]);
  if (!task) return fail_cluster(context, task.error());
  Report report;
  report.add(describe_output[0])
      .rows.push_back({task->fire_id, topic_of(*task), std::string(task->state()),
                       task->attempt(), cell_of(task->schedule), cell_of(task->nominal_at),
                       next_attempt(*task)});
  Section& timeline = report.add(describe_output[1]);
  const TimestampMs start = task->nominal_at.value_or(task->events.front().at);
  for (const TaskEvent& each : task->events)
    timeline.rows.push_back({each.at, each.at - start, each.event, each.attempt,
                             cell_of(rounded_ms(each.duration_us)), cell_of(each.worker),
                             cell_of(each.reason)});
  context.print(report);
  if (context.mode() == OutputMode::table || context.mode() == OutputMode::wide)
    context.write("\n" + task_timeline(*task, timeline_width));
  return Exit::ok;
}

}  // namespace horolog::command
