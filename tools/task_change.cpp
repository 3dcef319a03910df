// horolog task retry, cancel, discard, pause, resume.

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "tools/cluster_settings.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t cancel_patience_ms = 5'000;

constexpr Column retry_columns[] = {
    {.name = "fire_id", .meaning = "of the task that is there now", .key = true},
    {"topic"},
    {"was"},
    {"outcome", ColumnType::text, "again: a new task; now: its next attempt is due"},
};
constexpr SectionSpec retry_output[] = {{"retried", retry_columns}};

constexpr Column cancel_columns[] = {
    {.name = "task", .meaning = "fire id, or schedule", .key = true},
    {"outcome", ColumnType::text,
     "cancelled; unplanned: was not due yet; running: not repeated when it fails; noted: ends so "
     "when its turn comes"},
};
constexpr SectionSpec cancel_output[] = {{"cancelled", cancel_columns}};

constexpr Column discard_columns[] = {{.name = "fire_id", .key = true}, {"outcome"}};
constexpr SectionSpec discard_output[] = {{"discarded", discard_columns}};

constexpr Column topic_columns[] = {
    {.name = "topic", .key = true},
    {"paused", ColumnType::flag},
    {.name = "since", .type = ColumnType::time, .when_used = true},
    {.name = "reason", .when_used = true},
};
constexpr SectionSpec topic_output[] = {{"topics", topic_columns}};

std::string_view text_of(TaskCancel::Kind kind) {
  switch (kind) {
    case TaskCancel::Kind::cancelled: return "cancelled";
    case TaskCancel::Kind::unplanned: return "unplanned";
    case TaskCancel::Kind::running: return "running";
    case TaskCancel::Kind::noted: break;
  }
  return "noted";
}

/// For each word; the rows of those that worked are printed. The code of the one that failed, or
/// Exit::partial.
template <typename Act>
Exit for_each_word(Context& context, const SectionSpec& output, const Act& act) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  Report report;
  Section& section = report.add(output);
  Exit code = Exit::ok;
  for (const std::string& word : context.args()) {
    Result<std::vector<Cell>> row = act(*tasks, word);
    if (row) {
      section.rows.push_back(std::move(*row));
    } else {
      code = fail_cluster(context, row.error());
    }
  }
  context.print(report);
  return code != Exit::ok && !section.rows.empty() ? Exit::partial : code;
}

}  // namespace

std::span<const SectionSpec> task_retry_output() { return retry_output; }
std::span<const SectionSpec> task_cancel_output() { return cancel_output; }
std::span<const SectionSpec> task_discard_output() { return discard_output; }
std::span<const SectionSpec> task_pause_output() { return topic_output; }

Exit run_task_retry(Context& context) {
  return for_each_word(context, retry_output[0],
                       [](Tasks& tasks, const std::string& id) -> Result<std::vector<Cell>> {
                         HOROLOG_ASSIGN(const TaskRetry done, tasks.retry(id));
                         const bool again = done.kind == TaskRetry::Kind::again;
                         return std::vector<Cell>{done.fire_id, done.topic, id,
                                                  std::string(again ? "again" : "now")};
                       });
}

Exit run_task_cancel(Context& context) {
  const std::chrono::milliseconds patience(context.duration_ms("--timeout", cancel_patience_ms));
  const std::string reason = context.text("--reason").value_or("");
  return for_each_word(context, cancel_output[0],
                       [&](Tasks& tasks, const std::string& id) -> Result<std::vector<Cell>> {
                         HOROLOG_ASSIGN(const TaskCancel done,
                                        tasks.cancel(id, reason, patience));
                         return std::vector<Cell>{done.name, std::string(text_of(done.kind))};
                       });
}

Exit run_task_discard(Context& context) {
  const std::string reason = context.text("--reason").value_or("");
  return for_each_word(context, discard_output[0],
                       [&](Tasks& tasks, const std::string& id) -> Result<std::vector<Cell>> {
                         HOROLOG_TRY(tasks.discard(id, reason));
                         return std::vector<Cell>{id, std::string("discarded")};
                       });
}

Exit run_task_pause(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  for (const std::string& topic : context.args())
    if (const auto done = tasks->pause(topic, context.text("--reason").value_or("")); !done)
      return fail_cluster(context, done.error());
  const auto paused = tasks->paused();
  if (!paused) return fail_cluster(context, paused.error());
  Report report;
  Section& section = report.add(topic_output[0]);
  for (const PausedTopic& each : *paused)
    section.rows.push_back({each.topic, true, each.since, each.reason});
  context.print(report);
  return Exit::ok;
}

Exit run_task_resume(Context& context) {
  return for_each_word(context, topic_output[0],
                       [](Tasks& tasks, const std::string& topic) -> Result<std::vector<Cell>> {
                         HOROLOG_TRY(tasks.resume(topic));
                         return std::vector<Cell>{topic, false, Cell(), Cell()};
                       });
}

}  // namespace horolog::command
