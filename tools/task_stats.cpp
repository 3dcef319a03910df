// horolog task stats, and check task: how the work on a topic goes.

#include <fmt/format.h>

#include <algorithm>

#include "tools/check_verdict.hpp"
#include "tools/cluster_settings.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/text.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Column stats_columns[] = {
    {.name = "topic", .key = true},
    {"waiting", ColumnType::integer, "fired, no attempt has been reported"},
    {"running", ColumnType::integer, "for longer than a second"},
    {"retrying", ColumnType::integer},
    {"succeeded", ColumnType::integer},
    {"dead", ColumnType::integer},
    {.name = "expired", .type = ColumnType::integer, .when_used = true},
    {.name = "stopped", .type = ColumnType::integer, .when_used = true},
    {.name = "cancelled", .type = ColumnType::integer, .when_used = true},
    {.name = "retried", .type = ColumnType::integer, .meaning = "dead, and sent again",
     .when_used = true},
    {.name = "discarded", .type = ColumnType::integer, .when_used = true},
    {"attempts", ColumnType::integer, "that ended"},
    {"failed_attempts", ColumnType::integer},
    {"throughput_per_s", ColumnType::number, "attempts that ended / time"},
    {.name = "throughput_p50", .type = ColumnType::integer, .meaning = "ended within one second",
     .wide = true},
    {.name = "throughput_p99", .type = ColumnType::integer, .wide = true},
    {"processing_p50", ColumnType::duration, "from the record's timestamp to its end"},
    {"processing_p99", ColumnType::duration},
    {.name = "execution_p50", .type = ColumnType::number, .meaning = "milliseconds in the handler",
     .title = "EXECUTION-P50-MS"},
    {.name = "execution_p99", .type = ColumnType::number, .title = "EXECUTION-P99-MS"},
    {"backlog", ColumnType::integer,
     "records the group has not finished, those that run included"},
    {"oldest_waiting", ColumnType::duration, "age of the oldest of them"},
    {.name = "paused", .type = ColumnType::time, .meaning = "since when", .when_used = true},
};
constexpr Column failure_columns[] = {
    {.name = "topic", .key = true},
    {"attempts", ColumnType::integer},
    {.name = "error", .key = true},
};
constexpr SectionSpec stats_output[] = {{"tasks", stats_columns}, {"failures", failure_columns}};

std::int64_t in_state(const TaskFigures& its, std::string_view state) {
  const auto at = its.states.find(state);
  return at == its.states.end() ? 0 : at->second;
}

Cell milliseconds_of(const std::optional<std::int64_t>& us) {
  return us ? Cell(static_cast<double>(*us) / 1'000) : Cell();
}

struct Beside {
  std::optional<TaskBacklog> backlog;
  std::optional<TimestampMs> paused;
};

std::vector<Cell> stats_row(const Context& context, const std::string& topic,
                            const TaskFigures& its, const Beside& beside) {
  const bool table = context.mode() == OutputMode::table || context.mode() == OutputMode::wide;
  // A table leaves out what nobody has; a script gets every number.
  const auto if_any = [&](std::string_view state) {
    const std::int64_t count = in_state(its, state);
    return table && count == 0 ? Cell() : Cell(count);
  };
  const auto seconds = its.per_second();
  std::optional<std::int64_t> records, oldest;
  if (beside.backlog) records = beside.backlog->records;
  if (beside.backlog && beside.backlog->oldest)
    oldest = std::max<std::int64_t>(context.now() - *beside.backlog->oldest, 0);
  return {topic, in_state(its, "waiting"), in_state(its, "running"), in_state(its, "retrying"),
          in_state(its, "succeeded"), in_state(its, "dead"), if_any("expired"),
          if_any("stopped"), if_any("cancelled"), if_any("retried"), if_any("discarded"),
          its.attempts,
          its.failed_attempts, its.throughput(), cell_of(quantile(seconds, 0.5)),
          cell_of(quantile(seconds, 0.99)), cell_of(quantile(its.processing_ms, 0.5)),
          cell_of(quantile(its.processing_ms, 0.99)),
          milliseconds_of(quantile(its.execution_us, 0.5)),
          milliseconds_of(quantile(its.execution_us, 0.99)), cell_of(records), cell_of(oldest),
          cell_of(beside.paused)};
}

void put_failures(const std::string& topic, const TaskFigures& its, Section& failures) {
  std::vector<std::pair<std::int64_t, std::string>> most;
  for (const auto& [reason, attempts] : its.failures) most.emplace_back(-attempts, reason);
  std::sort(most.begin(), most.end());
  for (const auto& [negative, reason] : most) failures.rows.push_back({topic, -negative, reason});
}

Status look(Context& context, Tasks& tasks, Report& report) {
  HOROLOG_ASSIGN(const TimestampMs since, since_of(context, day_in_ms));
  HOROLOG_ASSIGN(auto figures, tasks.figures(since));
  HOROLOG_ASSIGN(const auto paused, tasks.paused());
  if (!context.args().empty()) {
    const std::string topic = context.args()[0];
    TaskFigures only = std::move(figures[topic]);
    figures.clear();
    figures.emplace(topic, std::move(only));
  }
  Section tasks_section{stats_output[0], {}}, failures{stats_output[1], {}};
  for (const auto& [topic, its] : figures) {
    Beside beside;
    auto backlog = backlog_of(tasks, topic, its, context.text("--group"));
    // One of many topics may have been deleted; the one that was asked for must be there.
    const bool gone = !backlog && backlog.error().code() == Errc::not_found &&
                      context.args().empty();
    if (!backlog && !gone) return backlog.error();
    if (backlog) beside.backlog = *backlog;
    for (const PausedTopic& each : paused)
      if (each.topic == topic) beside.paused = each.since;
    tasks_section.rows.push_back(stats_row(context, topic, its, beside));
    put_failures(topic, its, failures);
  }
  const bool table = context.mode() == OutputMode::table || context.mode() == OutputMode::wide;
  tasks_section.spec.facts = table && !context.args().empty();
  report.sections.push_back(std::move(tasks_section));
  if (!table || !failures.rows.empty()) report.sections.push_back(std::move(failures));
  return {};
}

/// What is worth a person's attention, as of now.
Result<Verdict> judge(Context& context, Tasks& tasks) {
  const std::string topic = context.args()[0];
  HOROLOG_ASSIGN(const TimestampMs since, since_of(context, hour_in_ms));
  HOROLOG_ASSIGN(auto figures, tasks.figures(since));
  const TaskFigures& its = figures[topic];
  HOROLOG_ASSIGN(const TaskBacklog backlog,
                 backlog_of(tasks, topic, its, context.text("--group")));
  HOROLOG_ASSIGN(const auto paused, tasks.paused());
  const std::int64_t oldest =
      backlog.oldest ? std::max<std::int64_t>(context.now() - *backlog.oldest, 0) : 0;
  const std::int64_t dead = in_state(its, "dead");
  CheckLevel level = level_of(context, oldest);
  if (context.has("--warn-dead") && dead >= context.integer("--warn-dead", 0))
    level = std::max(level, CheckLevel::warning);
  if (context.has("--crit-dead") && dead >= context.integer("--crit-dead", 0))
    level = CheckLevel::critical;
  const bool is_paused = std::any_of(paused.begin(), paused.end(),
                                     [&](const PausedTopic& each) { return each.topic == topic; });
  return Verdict{level,
                 fmt::format("{}: {} records wait, the oldest for {}; since {}: {} attempts, {} "
                             "failed, {} tasks dead{}",
                             topic, backlog.records, format_duration(oldest), format_time(since),
                             its.attempts, its.failed_attempts, dead, is_paused ? "; paused" : ""),
                 "oldest_waiting_ms", oldest};
}

}  // namespace

std::span<const SectionSpec> task_stats_output() { return stats_output; }

Exit run_task_stats(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  return watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_TRY(look(context, *tasks, report));
    return false;
  });
}

Exit run_check_task(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return say_unknown(context, tasks.error());
  const auto verdict = judge(context, *tasks);
  return verdict ? say_verdict(context, *verdict) : say_unknown(context, verdict.error());
}

}  // namespace horolog::command
