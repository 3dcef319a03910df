#include "scheduler/own_topics.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "client/broker_error.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/metadata.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/names.hpp"
#include "scheduler/patience.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs call_ns = 30'000'000'000;
constexpr std::int8_t topic_resource = 2;

struct Policy {
  std::string_view topic;
  std::vector<std::pair<std::string_view, std::string_view>> configs;
  bool partitioned = true;
};

const std::array<Policy, 4>& policies() {
  static const std::array<Policy, 4> all{{
      {topic::commands, {{"cleanup.policy", "delete"}, {"retention.ms", "-1"},
                         {"message.timestamp.type", "LogAppendTime"}}},
      {topic::state, {{"cleanup.policy", "compact"}}},
      {topic::runs, {{"cleanup.policy", "delete"}}},
      {topic::calendars, {{"cleanup.policy", "compact"}}, false},
  }};
  return all;
}

Status create(client::Cluster& cluster, const OwnTopics& wanted) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = 30'000;
  for (const Policy& policy : policies()) {
    wire::CreateTopicsRequest::Topic topic;
    topic.name = policy.topic;
    topic.num_partitions = policy.partitioned ? wanted.partitions : 1;
    topic.replication_factor = wanted.replication;
    for (const auto& [name, value] : policy.configs)
      topic.configs.push_back({std::string(name), std::string(value)});
    request.topics.push_back(std::move(topic));
  }
  HOROLOG_ASSIGN(const auto reply, ask(cluster, client::Target::controller(), std::move(request),
                                       {.cap = {4, 6}, .timeout_ns = call_ns}));
  for (const auto& topic : reply->topics) {
    if (topic.error_code == wire::ErrorCode::topic_already_exists) continue;
    HOROLOG_TRY(client::broker_status(topic.error_code, "cannot create topic " + topic.name,
                                      topic.error_message));
    log::info("scheduler", "topic created", {log::field("topic", topic.name)});
  }
  return {};
}

constexpr std::string_view delete_retention = "delete.retention.ms";

/// Gives the state topic's delete.retention.ms.
Result<TimestampMs> report_policies(client::Cluster& cluster) {
  wire::DescribeConfigsRequest request;
  for (const Policy& policy : policies()) {
    wire::DescribeConfigsRequest::Resource resource;
    resource.resource_type = topic_resource;
    resource.resource_name = policy.topic;
    resource.configuration_keys.emplace();
    for (const auto& [name, value] : policy.configs)
      resource.configuration_keys->emplace_back(name);
    if (policy.topic == topic::state)
      resource.configuration_keys->emplace_back(delete_retention);
    request.resources.push_back(std::move(resource));
  }
  HOROLOG_ASSIGN(const auto reply, ask(cluster, client::Target::any(), std::move(request),
                                       {.cap = {1, 3}, .timeout_ns = call_ns}));
  for (const auto& resource : reply->results)
    for (const Policy& policy : policies())
      for (const auto& [name, wanted] : policy.configs)
        for (const auto& config : resource.configs)
          if (resource.resource_name == policy.topic && config.name == name &&
              config.value != wanted)
            log::warn("scheduler", "a topic has another policy than the scheduler needs",
                      {log::field("topic", policy.topic), log::field("config", name),
                       log::field("found", config.value.value_or("")),
                       log::field("needed", wanted)});
  TimestampMs retention = 0;
  for (const auto& resource : reply->results)
    for (const auto& config : resource.configs)
      if (config.name == delete_retention && config.value)
        std::from_chars(config.value->data(), config.value->data() + config.value->size(),
                        retention);
  return retention;
}

/// Apache Kafka's brokers hear of a topic a moment after it was created.
Result<client::Reply<wire::MetadataResponse>> metadata(client::Cluster& cluster,
                                                       const Clock& clock) {
  Patience patience(clock, 30'000);
  for (;;) {
    wire::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    for (const Policy& policy : policies())
      request.topics->push_back({.topic_id = {}, .name = std::string(policy.topic)});
    HOROLOG_ASSIGN(auto reply, ask(cluster, client::Target::any(), std::move(request),
                                   {.cap = {4, 12}, .timeout_ns = call_ns}));
    auto again = wire::ErrorCode::none;
    for (const auto& topic : reply->topics)
      if (topic.error_code == wire::ErrorCode::unknown_topic_or_partition ||
          passes(topic.error_code))
        again = topic.error_code;
    if (again == wire::ErrorCode::none || !patience.wait(again)) return reply;
  }
}

Result<PreparedTopics> look_at_topics(client::Cluster& cluster, const Clock& clock) {
  HOROLOG_ASSIGN(const auto reply, metadata(cluster, clock));
  PreparedTopics found;
  found.cluster = reply->cluster_id.value_or("");
  std::map<std::string, std::int32_t> counts;
  for (const auto& topic : reply->topics) {
    HOROLOG_TRY(client::broker_status(topic.error_code, "topic " + topic.name.value_or("")));
    counts[topic.name.value_or("")] = static_cast<std::int32_t>(topic.partitions.size());
    if (topic.name == topic::state) found.state_id = topic.topic_id;
    if (topic.name == topic::commands) found.commands_id = topic.topic_id;
  }
  const std::int32_t n = counts[std::string(topic::commands)];
  for (const auto other : {topic::state, topic::runs})
    if (n < 1 || counts[std::string(other)] != n)
      return Error(Errc::invalid_argument,
                   fmt::format("{} has {} partitions and {} has {}: they must be the same number",
                               topic::commands, n, other, counts[std::string(other)]));
  found.partitions = n;
  return found;
}

}  // namespace

Result<PreparedTopics> prepare_topics(client::Cluster& cluster, const OwnTopics& wanted,
                                      const Clock& clock) {
  HOROLOG_TRY(create(cluster, wanted));
  HOROLOG_ASSIGN(PreparedTopics found, look_at_topics(cluster, clock));
  HOROLOG_ASSIGN(found.delete_retention_ms, report_policies(cluster));
  return found;
}

}  // namespace horolog::scheduler
