// DescribeTopicPartitions 0 (KIP-966): topics by name, in pages. The cursor names the first
// partition of the next page.

#include <algorithm>
#include <set>
#include <utility>

#include "broker/authorized_operations.hpp"
#include "broker/handlers.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DescribeTopicPartitionsRequest;
using Response = wire::DescribeTopicPartitionsResponse;

/// max.request.partition.size.limit
constexpr std::int32_t most_partitions = 2000;

bool is_wrong(const Asked& asked) {
  if (!asked.cursor) return false;
  if (asked.cursor->partition_index < 0) return true;
  const auto names_cursor = [&](const Asked::Topic& topic) {
    return topic.name == asked.cursor->topic_name;
  };
  return !asked.topics.empty() &&
         std::none_of(asked.topics.begin(), asked.topics.end(), names_cursor);
}

std::set<std::string> wanted_names(const Asked& asked, const storage::CatalogSnapshot& catalog) {
  const std::string from = asked.cursor ? asked.cursor->topic_name : std::string();
  std::set<std::string> names;
  for (const auto& topic : asked.topics) {
    if (topic.name >= from) names.insert(topic.name);
  }
  if (!asked.topics.empty()) return names;
  for (const auto& [name, info] : catalog.topics) {
    if (name >= from) names.insert(name);
  }
  return names;
}

Response::Partition describe(const Context& context, const storage::TopicInfo& info,
                             PartitionIndex index, std::int32_t node) {
  Response::Partition out;
  out.partition_index = index;
  out.replica_nodes = {node};
  out.eligible_leader_replicas.emplace();
  out.last_known_elr.emplace();
  const auto partition = context.partitions.find(info.name, index);
  if (partition == nullptr) {
    out.error_code = ErrorCode::leader_not_available;
    out.leader_id = -1;
    out.leader_epoch = info.leader_epoch;
    out.offline_replicas = {node};
    return out;
  }
  out.leader_id = node;
  out.leader_epoch = partition->log().leader_epoch();
  out.isr_nodes = {node};
  return out;
}

Response::Topic unknown(const std::string& name) {
  Response::Topic topic;
  topic.name = name;
  topic.error_code = topic_name_problem(name) ? ErrorCode::invalid_topic_exception
                                              : ErrorCode::unknown_topic_or_partition;
  topic.topic_authorized_operations = all_topic_operations;
  return topic;
}

void describe_page(const Context& context, const Asked& asked, Response& response) {
  const auto catalog = context.catalog();
  std::int32_t left = std::clamp(asked.response_partition_limit, 1, most_partitions);
  for (const std::string& name : wanted_names(asked, *catalog)) {
    const bool resumes = asked.cursor && asked.cursor->topic_name == name;
    PartitionIndex index = resumes ? asked.cursor->partition_index : 0;
    if (left == 0) {
      response.next_cursor = {.topic_name = name, .partition_index = index};
      return;
    }
    const auto info = catalog->find(name);
    if (info == nullptr) {
      response.topics.push_back(unknown(name));
      continue;
    }
    auto& topic = response.topics.emplace_back();
    topic.name = info->name;
    topic.topic_id = info->id;
    topic.is_internal = info->internal;
    topic.topic_authorized_operations = all_topic_operations;
    for (; index < info->partitions && left > 0; ++index, --left) {
      topic.partitions.push_back(describe(context, *info, index, catalog->node_id));
    }
    if (index < info->partitions) {
      response.next_cursor = {.topic_name = name, .partition_index = index};
      return;
    }
  }
}

}  // namespace

void handle_describe_topic_partitions(Context& context, Request request) {
  const auto asked = request.decode<Asked>();
  if (!asked) return;
  Response response;
  if (is_wrong(*asked)) {
    for (const auto& topic : asked->topics) {
      auto& out = response.topics.emplace_back();
      out.name = topic.name;
      out.error_code = ErrorCode::invalid_request;
    }
  } else {
    describe_page(context, *asked, response);
  }
  request.reply(response);
}

}  // namespace horolog::broker
