#include "scheduler/target_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "client/broker_error.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/metadata.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/names.hpp"
#include "timekeeping/spec_error.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs remembered_ns = 60'000'000'000;
constexpr MonoNs asking_ns = 5'000'000'000;
constexpr std::size_t most_remembered = 100'000;

/// The headers and keys that a definition and a fire add to a command, its name apart.
constexpr std::size_t added_bytes = 600;
constexpr std::size_t default_batch_limit = 1'048'588;
constexpr std::int8_t topic_resource = 2;
constexpr std::string_view batch_limit_name = "max.message.bytes";

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

/// Without compression, because nobody knows what it would save.
Status check_room(const OutRecord& record, const std::string& topic, const TopicRoom& room) {
  const std::size_t name = record.key ? record.key->size() : 0;
  const std::size_t needed = batch_bytes_of(record) + name + added_bytes;
  if (needed <= room.batch_bytes) return {};
  return invalid(fmt::format("payload and headers of {} bytes are too large: {} takes {} at once "
                             "({}), {} of them for what is added", batch_bytes_of(record),
                             timekeeping::quoted(topic), room.batch_bytes, batch_limit_name,
                             name + added_bytes));
}

}  // namespace

bool is_target(std::string_view topic) {
  return topic != topic::state && topic != topic::runs && topic != topic::commands;
}

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
  HOROLOG_ASSIGN(const TopicRoom found, room(topic));
  if (definition.out_partition && *definition.out_partition >= found.partitions)
    return invalid(fmt::format("target {} has {} partitions: there is no partition {}",
                               timekeeping::quoted(topic), found.partitions,
                               *definition.out_partition));
  const Status fits = check_room(definition.record, topic, found);
  // A limit that was raised counts at once.
  if (!fits) forget(topic);
  return fits;
}

Status TargetTable::check_size(const OutRecord& record) {
  for (const auto own : {topic::commands, topic::state}) {
    const std::string name(own);
    HOROLOG_ASSIGN(const TopicRoom found, room(name));
    const Status fits = check_room(record, name, found);
    if (!fits) return forget(name), fits;
  }
  return {};
}

Result<TopicRoom> TargetTable::room(const std::string& topic) {
  const MonoNs now = clock_.mono_ns();
  {
    const std::scoped_lock lock(mutex_);
    const auto at = known_.find(topic);
    if (at != known_.end() && now - at->second.asked < remembered_ns) return at->second.room;
  }
  TopicRoom found;
  HOROLOG_ASSIGN(found.partitions,
                 ask_partitions(*cluster_, topic, "target " + timekeeping::quoted(topic)));
  HOROLOG_ASSIGN(found.batch_bytes, ask_batch_limit(*cluster_, topic));
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= most_remembered) known_.clear();
  known_[topic] = {found, now};
  return found;
}

void TargetTable::forget(const std::string& topic) {
  const std::scoped_lock lock(mutex_);
  known_.erase(topic);
}

Result<std::size_t> ask_batch_limit(client::Cluster& cluster, const std::string& topic) {
  wire::DescribeConfigsRequest request;
  wire::DescribeConfigsRequest::Resource resource;
  resource.resource_type = topic_resource;
  resource.resource_name = topic;
  resource.configuration_keys.emplace().emplace_back(batch_limit_name);
  request.resources.push_back(std::move(resource));
  HOROLOG_ASSIGN(const auto reply, ask(cluster, client::Target::any(), std::move(request),
                                       {.cap = {1, 3}, .timeout_ns = asking_ns}));
  std::size_t limit = default_batch_limit;
  for (const auto& answer : reply->results)
    for (const auto& config : answer.configs)
      if (config.name == batch_limit_name && config.value)
        std::from_chars(config.value->data(), config.value->data() + config.value->size(), limit);
  return limit;
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
