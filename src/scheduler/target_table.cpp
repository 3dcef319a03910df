#include "scheduler/target_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/broker_error.hpp"
#include "protocol/messages/metadata.hpp"
#include "scheduler/asking.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs remembered_ns = 60'000'000'000;
constexpr MonoNs asking_ns = 5'000'000'000;
constexpr std::size_t most_remembered = 100'000;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Status TargetTable::check(const Definition& definition) {
  const std::string& topic = definition.target;
  if (topic.starts_with("__"))
    return invalid(fmt::format("target {}: internal topics are not written to by schedules",
                               timekeeping::quoted(topic)));
  if (topic.starts_with("horolog.") && definition.retry_of.empty())
    return invalid(fmt::format("target {}: the scheduler's own topics are not written to by "
                               "schedules", timekeeping::quoted(topic)));
  const bool allowed = std::any_of(allowed_.begin(), allowed_.end(), [&](const auto& pattern) {
    return matches_pattern(pattern, topic);
  });
  if (!allowed)
    return invalid(fmt::format("target {} is not allowed by scheduler.targets.allow",
                               timekeeping::quoted(topic)));
  HOROLOG_ASSIGN(const auto count, partitions(topic));
  if (definition.out_partition && *definition.out_partition >= count)
    return invalid(fmt::format("target {} has {} partitions: there is no partition {}",
                               timekeeping::quoted(topic), count, *definition.out_partition));
  return {};
}

Result<std::int32_t> TargetTable::partitions(const std::string& topic) {
  const MonoNs now = clock_.mono_ns();
  {
    const std::scoped_lock lock(mutex_);
    const auto at = known_.find(topic);
    if (at != known_.end() && now - at->second.asked < remembered_ns) return at->second.partitions;
  }
  HOROLOG_ASSIGN(const std::int32_t count,
                 ask_partitions(*cluster_, topic, "target " + timekeeping::quoted(topic)));
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= most_remembered) known_.clear();
  known_[topic] = {count, now};
  return count;
}

void TargetTable::forget(const std::string& topic) {
  const std::scoped_lock lock(mutex_);
  known_.erase(topic);
}

Result<std::int32_t> ask_partitions(client::Cluster& cluster, const std::string& topic,
                                    const std::string& name) {
  wire::MetadataRequest request;
  request.topics.emplace().push_back({.topic_id = {}, .name = topic});
  request.allow_auto_topic_creation = false;
  HOROLOG_ASSIGN(const auto reply, ask(cluster, client::Target::any(), std::move(request),
                                       {.cap = {4, 12}, .timeout_ns = asking_ns}));
  for (const auto& answer : reply->topics) {
    if (answer.name != topic) continue;
    HOROLOG_TRY(client::broker_status(answer.error_code, name));
    if (!answer.partitions.empty()) return static_cast<std::int32_t>(answer.partitions.size());
  }
  return Error(Errc::not_found, fmt::format("{} has no partitions", name));
}

}  // namespace horolog::scheduler
