// horolog task dlq ls, dlq retry, dlq export: tasks that were put aside.

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "tools/cluster_settings.hpp"
#include "tools/record_json.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"
#include "worker/names.hpp"

namespace horolog::command {
namespace {

constexpr Column letter_columns[] = {
    {.name = "fire_id", .key = true},
    {"at", ColumnType::time, "when it was put aside"},
    {"attempt", ColumnType::integer, "the last one's number"},
    {"cause"},
    {.name = "origin", .meaning = "topic:partition:offset of the task's record"},
    {.name = "partition", .type = ColumnType::integer, .meaning = "of the dead letter",
     .wide = true},
    {.name = "offset", .type = ColumnType::integer, .wide = true},
    {.name = "worker", .wide = true},
    {.name = "settled", .type = ColumnType::flag, .meaning = "sent again, or discarded"},
};
constexpr SectionSpec letter_output[] = {{"dead_letters", letter_columns}};

constexpr Column retry_columns[] = {
    {.name = "topic", .key = true},
    {"tasks", ColumnType::integer, "sent, or to be sent with --execute"},
    {"sent", ColumnType::flag},
};
constexpr SectionSpec retry_output[] = {{"retried", retry_columns}};

constexpr Column record_columns[] = {
    {"topic", ColumnType::text, "where the task was"},
    {"partition", ColumnType::integer, "of it"},
    {"offset", ColumnType::integer, "of it"},
    {"timestamp", ColumnType::time, "when it was put aside"},
    {"key", ColumnType::text, "or key_base64"},
    {"value", ColumnType::text, "or value_base64"},
    {"headers", ColumnType::text, "objects with key and value"},
};
constexpr SectionSpec export_output[] = {{"records", record_columns}};

/// As `horolog consume --json` prints a record: what a new task would be.
std::string task_json(const DeadLetter& letter) {
  std::vector<HeaderView> headers;
  for (const Header& each : letter.headers) headers.push_back({each.key, each.value});
  headers.push_back({worker::header::dead_cause, letter.cause});
  headers.push_back({worker::header::dead_fire_id, letter.fire_id});
  std::string out;
  append_record_json(out, {.topic = letter.topic,
                           .partition = letter.partition,
                           .offset = letter.origin,
                           .timestamp = letter.timestamp,
                           .key = letter.key,
                           .value = letter.value,
                           .headers = headers});
  return out;
}

}  // namespace

std::span<const SectionSpec> task_dlq_ls_output() { return letter_output; }
std::span<const SectionSpec> task_dlq_retry_output() { return retry_output; }
std::span<const SectionSpec> task_dlq_export_output() { return export_output; }

Exit run_task_dlq_ls(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const auto letters = tasks->dead_letters(context.args()[0]);
  if (!letters) return fail_cluster(context, letters.error(), context.args()[0]);
  Report report;
  Section& section = report.add(letter_output[0]);
  for (const DeadLetter& each : *letters)
    section.rows.push_back({each.fire_id, cell_of(each.dead_at), each.attempt, each.cause,
                            fmt::format("{}:{}:{}", each.topic, each.partition, each.origin),
                            std::int64_t{each.place.partition}, each.offset, each.worker,
                            each.settled});
  context.print(report);
  return Exit::ok;
}

Exit run_task_dlq_retry(Context& context) {
  const bool execute = context.has("--execute");
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const auto letters = execute ? tasks->retry_dead(context.args()[0])
                               : tasks->dead_letters(context.args()[0]);
  if (!letters)
    return fail_cluster(context, letters.error(), execute ? "nothing was sent" : "");
  std::map<std::string, std::int64_t> counts;
  for (const DeadLetter& each : *letters)
    if (!each.settled) ++counts[each.topic];
  Report report;
  Section& section = report.add(retry_output[0]);
  for (const auto& [name, count] : counts) section.rows.push_back({name, count, execute});
  context.print(report);
  if (!execute && !counts.empty()) context.note("nothing was sent: add --execute");
  return Exit::ok;
}

Exit run_task_dlq_export(Context& context) {
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const auto letters = tasks->dead_letters(context.args()[0]);
  if (!letters) return fail_cluster(context, letters.error(), context.args()[0]);
  std::int64_t count = 0;
  for (const DeadLetter& each : *letters) {
    if (each.settled && !context.has("--all")) continue;
    context.write(task_json(each));
    ++count;
  }
  context.note(fmt::format("{} tasks; 'horolog produce --json' sends them, 'horolog task discard' "
                           "settles their letters", count));
  return Exit::ok;
}

}  // namespace horolog::command
