#include "tools/task_access.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "scheduler/names.hpp"
#include "tools/cluster_access.hpp"
#include "tools/text.hpp"
#include "worker/names.hpp"

namespace horolog::command {

Result<Tasks> open_tasks(const Context& context) { return Tasks::open(client_options(context)); }

Error in_flags(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"header ", "--header "},
      {"at and delay ", "--at and --delay "},
      {"priority ", "--priority "},
      {"max_attempts ", "--max-attempts "},
      {"retry.max_attempts ", "--max-attempts "},
      {"retry.backoff ", "--backoff "},
      {"backoff ", "--backoff "},
      {"timeout ", "--task-timeout "},
      {"unique ", "--unique "},
      {"concurrency ", "--concurrency "},
      {"min_concurrency ", "--min-concurrency "},
      {"per_key ", "--per-key "},
      {"metrics_address ", "--metrics-port: "}};
  for (const auto& [option, flag] : names) {
    if (!error.message().starts_with(option)) continue;
    return {error.code(), std::string(flag) + error.message().substr(option.size())};
  }
  return error;
}

Result<TimestampMs> since_of(const Context& context, std::int64_t ago_ms) {
  const auto text = context.text("--since");
  if (!text) return context.now() - ago_ms;
  const auto since = parse_time(*text, context.now());
  if (!since)
    return Error(Errc::invalid_argument,
                 fmt::format("--since '{}' is no time: write -2h, or 2026-01-31T10:00Z", *text));
  return since->time;
}

Result<TaskBacklog> backlog_of(Tasks& tasks, const std::string& topic,
                               const TaskFigures& figures,
                               const std::optional<std::string>& group) {
  std::string name = group.value_or("");
  std::int64_t most = 0;
  for (const auto& [each, attempts] : figures.groups) {
    if (group || attempts <= most) continue;
    name = each;
    most = attempts;
  }
  if (name.empty()) name = fmt::format("{}{}", topic, worker::group_suffix);
  return tasks.backlog(topic, name);
}

}  // namespace horolog::command
