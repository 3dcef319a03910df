// horolog task submit: a task is given out.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "tools/cluster_settings.hpp"
#include "tools/task_access.hpp"
#include "tools/task_commands.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column submit_columns[] = {
    {.name = "fire_id", .key = true, .when_used = true},
    {.name = "schedule", .when_used = true},
    {"topic"},
    {"partition", ColumnType::integer},
    {"offset", ColumnType::integer},
};
constexpr SectionSpec submit_output[] = {{"task", submit_columns, true}};

std::string read_input() {
  std::string text;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, stdin)) > 0) text.append(buffer, got);
  return text;
}

std::optional<std::chrono::milliseconds> time_of(const Context& context, std::string_view flag) {
  if (!context.has(flag)) return std::nullopt;
  return std::chrono::milliseconds(context.duration_ms(flag, 0));
}

std::optional<std::int64_t> number_of(const Context& context, std::string_view flag) {
  return context.has(flag) ? std::optional(context.integer(flag, 0)) : std::nullopt;
}

/// A point in time behind a flag; the error names both.
Result<std::optional<TimestampMs>> instant_of(const Context& context, std::string_view flag) {
  const auto text = context.text(flag);
  if (!text) return std::optional<TimestampMs>();
  const auto time = parse_time(*text, context.now());
  if (!time)
    return Error(Errc::invalid_argument,
                 fmt::format("{} '{}' is no time: write 2026-01-31T10:00+01:00", flag, *text));
  return std::optional(time->time);
}

Result<TaskOptions> options_of(const Context& context) {
  TaskOptions options;
  options.key = context.text("--key");
  for (const std::string& pair : context.all("--header")) {
    const std::size_t equals = pair.find('=');
    options.headers.push_back({pair.substr(0, equals),
                               equals == std::string::npos ? "" : pair.substr(equals + 1)});
  }
  options.delay = time_of(context, "--delay");
  HOROLOG_ASSIGN(options.at, instant_of(context, "--at"));
  options.unique = context.text("--unique");
  options.priority = number_of(context, "--priority");
  options.lane = context.text("--lane");
  if (const auto text = context.text("--expires")) {
    if (const auto after = parse_duration(*text)) {
      options.expires = std::chrono::milliseconds(*after);
    } else {
      HOROLOG_ASSIGN(options.expires_at, instant_of(context, "--expires"));
    }
  }
  options.max_attempts = number_of(context, "--max-attempts");
  options.backoff = time_of(context, "--backoff");
  options.timeout = time_of(context, "--task-timeout");
  return options;
}

}  // namespace

std::span<const SectionSpec> task_submit_output() { return submit_output; }

Exit run_task_submit(Context& context) {
  const std::string topic = context.args()[0];
  const auto options = options_of(context);
  if (!options) return context.fail(options.error());
  auto tasks = open_tasks(context);
  if (!tasks) return fail_cluster(context, tasks.error());
  const std::string value = context.args().size() > 1 ? context.args()[1] : read_input();
  const auto sent = tasks->submit(topic, value, *options);
  if (!sent) return fail_cluster(context, in_flags(sent.error()));
  Report report;
  report.add(submit_output[0])
      .rows.push_back({cell_of(sent->fire_id), cell_of(sent->schedule), topic,
                       std::int64_t{sent->partition}, sent->offset});
  context.print(report);
  return Exit::ok;
}

}  // namespace horolog::command
