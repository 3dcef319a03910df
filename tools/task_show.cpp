// horolog task ls, describe, stats: what the run records say.

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/names.hpp"
#include "tools/cluster_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/task_history.hpp"
#include "tools/text.hpp"
#include "tools/topic_scan.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t day_ms = 24 * 60 * 60 * 1'000;

constexpr Column list_columns[] = {
    {.name = "fire_id", .key = true},
    {"topic"},
    {"state", ColumnType::text, "waiting, running, retrying, succeeded, dead, expired, stopped"},
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

constexpr Column stats_columns[] = {
    {.name = "topic", .key = true},
    {"waiting", ColumnType::integer, "fired, no attempt has been reported"},
    {"running", ColumnType::integer, "for longer than a second"},
    {"retrying", ColumnType::integer},
    {"succeeded", ColumnType::integer},
    {"dead", ColumnType::integer},
    {.name = "expired", .type = ColumnType::integer, .when_used = true},
    {"attempts", ColumnType::integer, "that ended"},
    {"failed_attempts", ColumnType::integer},
    {"throughput_per_s", ColumnType::number, "attempts that ended / time"},
    {"processing_p50", ColumnType::duration, "from the record's timestamp to its end"},
    {"processing_p99", ColumnType::duration},
    {.name = "execution_p50", .type = ColumnType::number, .meaning = "milliseconds in the handler",
     .title = "EXECUTION-P50-MS"},
    {.name = "execution_p99", .type = ColumnType::number, .title = "EXECUTION-P99-MS"},
};
constexpr Column failure_columns[] = {
    {.name = "topic", .key = true},
    {"attempts", ColumnType::integer},
    {.name = "error", .key = true},
};
constexpr SectionSpec stats_output[] = {{"tasks", stats_columns}, {"failures", failure_columns}};

std::optional<std::int64_t> rounded_ms(const std::optional<std::int64_t>& us) {
  return us ? std::optional((*us + 500) / 1'000) : std::nullopt;
}

Cell next_attempt(const TaskRecord& task) {
  return task.state() == "retrying" ? cell_of(task.retry_ms) : Cell();
}

/// What --since says, or a day.
Result<TimestampMs> since_of(const Context& context) {
  const auto text = context.text("--since");
  if (!text) return context.now() - day_ms;
  const auto since = parse_time(*text, context.now());
  if (!since)
    return Error(Errc::invalid_argument,
                 fmt::format("--since '{}' is no time: write -2h, or 2026-01-31T10:00Z", *text));
  return since->time;
}

Result<TaskHistory> read_history(const Context& context, TimestampMs since) {
  TaskHistory history;
  HOROLOG_TRY(scan_topic(context, std::string(scheduler::topic::runs), {.since = since},
                         [&](const RecordView& record) { history.add(record.value.text()); }));
  return history;
}

/// Without the scheduler's topics nothing has ever been recorded.
Exit fail_history(Context& context, const Error& error) {
  return fail_cluster(context, error, std::string(scheduler::topic::runs));
}

void put_stats(const TaskHistory& history, const std::string& only, Report& report) {
  const auto figures = history.figures();
  const auto count = [](const TaskFigures& its, std::string_view state) {
    const auto at = its.states.find(state);
    return at == its.states.end() ? std::int64_t{0} : at->second;
  };
  const auto ms = [](const std::optional<std::int64_t>& us) {
    return us ? Cell(static_cast<double>(*us) / 1'000) : Cell();
  };
  Section& tasks = report.add(stats_output[0]);
  for (const auto& [topic, its] : figures) {
    if (!only.empty() && topic != only) continue;
    tasks.rows.push_back(
        {topic, count(its, "waiting"), count(its, "running"), count(its, "retrying"),
         count(its, "succeeded"), count(its, "dead"), count(its, "expired"), its.attempts,
         its.failed_attempts, its.throughput(), cell_of(quantile(its.processing_ms, 0.5)),
         cell_of(quantile(its.processing_ms, 0.99)), ms(quantile(its.execution_us, 0.5)),
         ms(quantile(its.execution_us, 0.99))});
  }
  Section& failures = report.add(stats_output[1]);
  for (const auto& [topic, its] : figures) {
    if (!only.empty() && topic != only) continue;
    std::vector<std::pair<std::int64_t, std::string>> most;
    for (const auto& [reason, attempts] : its.failures) most.emplace_back(-attempts, reason);
    std::sort(most.begin(), most.end());
    for (const auto& [negative, reason] : most) failures.rows.push_back({topic, -negative, reason});
  }
}

}  // namespace

std::span<const SectionSpec> task_ls_output() { return list_output; }
std::span<const SectionSpec> task_describe_output() { return describe_output; }
std::span<const SectionSpec> task_stats_output() { return stats_output; }

Exit run_task_ls(Context& context) {
  const auto since = since_of(context);
  if (!since) return context.fail(since.error());
  const auto history = read_history(context, *since);
  if (!history) return fail_history(context, history.error());
  const auto topic = context.text("--topic"), state = context.text("--state");
  const auto schedule = context.text("--schedule");
  const std::int64_t limit = context.integer("--limit", 50);
  Report report;
  Section& section = report.add(list_output[0]);
  for (const TaskRecord* task : history->latest()) {
    if (topic && task->topic != *topic) continue;
    if (state && task->state() != *state) continue;
    if (schedule && task->schedule != *schedule) continue;
    if (static_cast<std::int64_t>(section.rows.size()) >= limit) {
      context.note(fmt::format("only the latest {}: --limit shows more", limit));
      break;
    }
    const TaskEvent& last = task->last();
    section.rows.push_back({task->fire_id, task->topic.empty() ? Cell() : Cell(task->topic),
                            std::string(task->state()), task->attempt(), cell_of(task->schedule),
                            last.at_ms, next_attempt(*task), cell_of(rounded_ms(last.duration_us)),
                            cell_of(last.worker), cell_of(last.reason)});
  }
  context.print(report);
  return Exit::ok;
}

Exit run_task_describe(Context& context) {
  const auto history = read_history(context, no_timestamp);
  if (!history) return fail_history(context, history.error());
  const TaskRecord* task = history->find(context.args()[0]);
  if (task == nullptr)
    return context.fail(Exit::not_found,
                        fmt::format("no run record is about a task '{}'", context.args()[0]),
                        "'horolog task ls' shows the latest ones");
  Report report;
  report.add(describe_output[0])
      .rows.push_back({task->fire_id, task->topic.empty() ? Cell() : Cell(task->topic),
                       std::string(task->state()), task->attempt(), cell_of(task->schedule),
                       cell_of(task->nominal_ms), next_attempt(*task)});
  Section& timeline = report.add(describe_output[1]);
  const TimestampMs start = task->nominal_ms.value_or(task->events.front().at_ms);
  for (const TaskEvent& each : task->events)
    timeline.rows.push_back({each.at_ms, each.at_ms - start, each.event, each.attempt,
                             cell_of(rounded_ms(each.duration_us)), cell_of(each.worker),
                             cell_of(each.reason)});
  context.print(report);
  return Exit::ok;
}

Exit run_task_stats(Context& context) {
  const std::string topic = context.args().empty() ? "" : context.args()[0];
  return watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_ASSIGN(const TimestampMs since, since_of(context));
    HOROLOG_ASSIGN(const TaskHistory history, read_history(context, since));
    put_stats(history, topic, report);
    return false;
  });
}

}  // namespace horolog::command
