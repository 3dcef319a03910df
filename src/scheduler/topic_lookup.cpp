#include "scheduler/topic_lookup.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "client/broker_error.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/metadata.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr MonoNs asking_ns = 5'000'000'000;
constexpr std::int8_t topic_resource = 2;
constexpr std::string_view batch_limit = "max.message.bytes", policy = "cleanup.policy";

Result<client::Reply<wire::MetadataResponse>> ask_metadata(
    client::Cluster& cluster, std::initializer_list<std::string_view> topics) {
  wire::MetadataRequest request;
  request.topics.emplace();
  for (const std::string_view topic : topics)
    request.topics->push_back({.topic_id = {}, .name = std::string(topic)});
  request.allow_auto_topic_creation = false;
  return ask(cluster, client::Target::any(), std::move(request),
             {.cap = {4, 12}, .timeout_ns = asking_ns});
}

}  // namespace

Result<TopicShape> ask_topic(client::Cluster& cluster, const std::string& topic,
                             const std::string& name) {
  HOROLOG_ASSIGN(const auto reply, ask_metadata(cluster, {topic}));
  for (const auto& answer : reply->topics) {
    if (answer.name != topic) continue;
    HOROLOG_TRY(client::broker_status(answer.error_code, name));
    if (!answer.partitions.empty())
      return TopicShape{static_cast<std::int32_t>(answer.partitions.size()), answer.topic_id};
  }
  return Error(Errc::not_found, fmt::format("{} has no partitions", name));
}

Result<TopicLimits> ask_limits(client::Cluster& cluster, const std::string& topic) {
  wire::DescribeConfigsRequest request;
  wire::DescribeConfigsRequest::Resource resource;
  resource.resource_type = topic_resource;
  resource.resource_name = topic;
  resource.configuration_keys.emplace() = {std::string(batch_limit), std::string(policy)};
  request.resources.push_back(std::move(resource));
  HOROLOG_ASSIGN(const auto reply, ask(cluster, client::Target::any(), std::move(request),
                                       {.cap = {1, 3}, .timeout_ns = asking_ns}));
  TopicLimits limits;
  for (const auto& answer : reply->results) {
    for (const auto& config : answer.configs) {
      if (!config.value) continue;
      const std::string& value = *config.value;
      if (config.name == policy) limits.compacted = value.find("compact") != std::string::npos;
      if (config.name == batch_limit)
        std::from_chars(value.data(), value.data() + value.size(), limits.batch_bytes);
    }
  }
  return limits;
}

Result<TopicIdentity> ask_identity(client::Cluster& cluster) {
  HOROLOG_ASSIGN(const auto reply, ask_metadata(cluster, {topic::commands, topic::state}));
  Uuid commands{}, state{};
  for (const auto& answer : reply->topics) {
    const std::string name = answer.name.value_or("");
    HOROLOG_TRY(client::broker_status(answer.error_code, "topic " + name));
    (name == topic::state ? state : commands) = answer.topic_id;
  }
  return TopicIdentity::of(reply->cluster_id.value_or(""), commands, state);
}

}  // namespace horolog::scheduler
