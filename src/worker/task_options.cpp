#include "worker/task_options.hpp"

#include <fmt/format.h>

#include "client/schedule_headers.hpp"
#include "scheduler/names.hpp"
#include "worker/task_fields.hpp"

namespace horolog::worker {
namespace {

namespace header = scheduler::header;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

Status check(const TaskOptions& options) {
  for (const Header& each : options.headers)
    if (each.key.starts_with(scheduler::header_prefix))
      return invalid(fmt::format("header '{}': names that begin with {} have options of their own",
                                 each.key, scheduler::header_prefix));
  if (options.at && options.delay) return invalid("at and delay contradict each other: keep one");
  if (options.expires && options.expires_at)
    return invalid("expires and expires_at contradict each other: keep one");
  if (options.priority &&
      (*options.priority < lowest_priority || *options.priority > highest_priority))
    return invalid(fmt::format("priority {} is not between 0 and 9 (9 comes first)",
                               *options.priority));
  if (options.max_attempts && *options.max_attempts < 1)
    return invalid(fmt::format("max_attempts {}: the first attempt counts, so 1 means no retry",
                               *options.max_attempts));
  if (options.backoff && options.backoff->count() < 1)
    return invalid("backoff is below a millisecond: a task that fails at once would be tried again "
                   "without a pause; give it a second");
  if (options.timeout && options.timeout->count() < 1)
    return invalid("timeout is below a millisecond: leave it out for no limit");
  if (options.unique && options.unique->empty())
    return invalid("unique is empty: it names the task that may be there once");
  return {};
}

}  // namespace

bool is_due_later(const TaskOptions& options) {
  return options.at || options.delay || options.unique;
}

Result<std::vector<Header>> task_headers(const std::string& topic, const TaskOptions& options) {
  HOROLOG_TRY(check(options));
  std::vector<Header> out = options.headers;
  const auto put = [&](std::string_view name, std::string value) {
    out.push_back({std::string(name), std::move(value)});
  };
  const auto put_time = [&](std::string_view name,
                            const std::optional<std::chrono::milliseconds>& time) {
    if (time) put(name, client::duration_text(*time));
  };
  if (options.priority) put(header::priority, std::to_string(*options.priority));
  if (options.lane) put(header::lane, *options.lane);
  put_time(header::expires, options.expires);
  if (options.expires_at) put(header::expires, std::to_string(*options.expires_at));
  if (options.max_attempts) put(header::max_attempts, std::to_string(*options.max_attempts));
  put_time(header::backoff, options.backoff);
  put_time(header::timeout, options.timeout);
  if (!is_due_later(options)) return out;
  put(header::topic, topic);
  if (options.key) put(header::key, *options.key);
  if (options.at) {
    put(header::at, std::to_string(*options.at));
  } else {
    const auto delay = options.delay.value_or(std::chrono::milliseconds(1));
    put_time(header::delay, std::max(delay, std::chrono::milliseconds(1)));
  }
  return out;
}

}  // namespace horolog::worker
