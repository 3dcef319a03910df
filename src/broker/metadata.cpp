// Metadata 0–13. One broker: itself, at the address by which the client should reach it. Topics
// that do not exist are created when the client and auto.create.topics.enable allow it; the answer
// then waits for the creation, so the first answer is already the right one.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "broker/authorized_operations.hpp"
#include "broker/endpoint.hpp"
#include "broker/handlers.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/messages/metadata.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Answer = wire::MetadataResponse::Topic;

Answer describe(const Context& context, const storage::TopicInfo& info, std::int32_t node,
                bool with_operations) {
  Answer topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.is_internal = info.internal;
  for (PartitionIndex i = 0; i < info.partitions; ++i) {
    auto& out = topic.partitions.emplace_back();
    out.partition_index = i;
    out.replica_nodes = {node};
    const auto partition = context.partitions.find(info.name, i);
    if (partition == nullptr) {
      out.error_code = ErrorCode::leader_not_available;
      out.leader_id = -1;
      out.leader_epoch = info.leader_epoch;
      out.offline_replicas = {node};
      continue;
    }
    out.leader_id = node;
    out.leader_epoch = partition->log().leader_epoch();
    out.isr_nodes = {node};
  }
  if (with_operations) topic.topic_authorized_operations = all_topic_operations;
  return topic;
}

Answer failed(const wire::MetadataRequest::Topic& asked, ErrorCode error) {
  Answer topic;
  topic.error_code = error;
  topic.name = asked.name;
  topic.topic_id = asked.topic_id;
  return topic;
}

/// Names in the request that do not exist and could.
std::vector<std::string> creatable(const Context& context, const wire::MetadataRequest& asked) {
  std::vector<std::string> names;
  if (!asked.topics) return names;
  const auto catalog = context.catalog();
  for (const auto& topic : *asked.topics) {
    if (!topic.name || catalog->find(*topic.name) || topic_name_problem(*topic.name)) continue;
    if (is_internal_topic(*topic.name)) continue;
    if (std::find(names.begin(), names.end(), *topic.name) == names.end()) {
      names.push_back(*topic.name);
    }
  }
  return names;
}

void list_topics(const Context& context, const wire::MetadataRequest& asked, std::int16_t version,
                 wire::MetadataResponse& response) {
  const auto catalog = context.catalog();
  const bool operations = asked.include_topic_authorized_operations;
  // Version 0 has no null: its empty list means all.
  if (!asked.topics || (version == 0 && asked.topics->empty())) {
    for (const auto& [name, info] : catalog->topics) {
      response.topics.push_back(describe(context, *info, catalog->node_id, operations));
    }
    return;
  }
  const auto has_id = [](const auto& topic) { return !topic.topic_id.is_zero(); };
  // As in Kafka: where one topic is named by its id, those named otherwise are not answered.
  const bool by_id = std::any_of(asked.topics->begin(), asked.topics->end(), has_id);
  for (const auto& topic : *asked.topics) {
    std::shared_ptr<const storage::TopicInfo> info;
    ErrorCode error = ErrorCode::none;
    if (by_id && !has_id(topic)) continue;
    if (!topic.topic_id.is_zero()) {
      info = catalog->find(topic.topic_id);
      error = info ? error : ErrorCode::unknown_topic_id;
    } else if (topic.name) {
      info = catalog->find(*topic.name);
      error = info                              ? error
              : topic_name_problem(*topic.name) ? ErrorCode::invalid_topic_exception
                                                : ErrorCode::unknown_topic_or_partition;
    } else {
      error = ErrorCode::unknown_topic_id;
    }
    response.topics.push_back(info ? describe(context, *info, catalog->node_id, operations)
                                   : failed(topic, error));
  }
}

void answer_metadata(Context& context, Request request, const wire::MetadataRequest& asked) {
  const auto catalog = context.catalog();
  const net::Endpoint self = advertised_endpoint(*context.config(), *request.connection);
  wire::MetadataResponse response;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = catalog->node_id;
  broker.host = self.host;
  broker.port = self.port;
  response.cluster_id = catalog->cluster_id;
  response.controller_id = catalog->node_id;
  if (asked.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  list_topics(context, asked, request.version(), response);
  request.reply(response);
}

void create_missing(Context& context, const std::vector<std::string>& names) {
  std::vector<storage::TopicInfo> topics;
  for (const std::string& name : names) {
    storage::TopicInfo& topic = topics.emplace_back();
    topic.name = name;
    topic.partitions = context.config()->num_partitions;
  }
  for (const auto& created : context.topics.create(std::move(topics))) {
    if (created) {
      log::info("topics", "created on first use", {log::field("topic", (*created)->name)});
    } else if (created.error().code() != Errc::already_exists) {
      log::warn("topics", "cannot create on first use",
                {log::field("error", created.error().message())});
    }
  }
}

}  // namespace

void handle_metadata(Context& context, Request request) {
  auto asked = request.decode<wire::MetadataRequest>();
  if (!asked) return;
  const bool may_create = asked->allow_auto_topic_creation && context.config()->auto_create_topics;
  auto missing = may_create ? creatable(context, *asked) : std::vector<std::string>{};
  if (missing.empty()) {
    answer_metadata(context, std::move(request), *asked);
    return;
  }
  auto held = std::make_shared<std::pair<Request, wire::MetadataRequest>>(std::move(request),
                                                                          std::move(*asked));
  context.pool.post([&context, held, missing = std::move(missing)] {
    create_missing(context, missing);
    answer_metadata(context, std::move(held->first), held->second);
  });
}

}  // namespace horolog::broker
