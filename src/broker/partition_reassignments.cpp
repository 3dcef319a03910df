// AlterPartitionReassignments 0–1 and ListPartitionReassignments 0. A partition may be assigned to
// this node, where it is, and to no other: a reassignment is over as soon as it is asked for.

#include <fmt/format.h>

#include <utility>

#include "broker/handlers.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/list_partition_reassignments.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::AlterPartitionReassignmentsRequest;
using Response = wire::AlterPartitionReassignmentsResponse;

std::optional<Refusal> check(const storage::CatalogSnapshot& catalog, const std::string& topic,
                             const Asked::Partition& asked) {
  const auto info = catalog.find(topic);
  if (info == nullptr) {
    return Refusal{ErrorCode::unknown_topic_or_partition,
                   fmt::format("Unable to find a topic named {}.", topic)};
  }
  if (asked.partition_index < 0 || asked.partition_index >= info->partitions) {
    return Refusal{ErrorCode::unknown_topic_or_partition,
                   fmt::format("Unable to find partition {}:{}.", topic, asked.partition_index)};
  }
  if (!asked.replicas) return Refusal{ErrorCode::no_reassignment_in_progress, std::nullopt};
  return check_assignment(*asked.replicas, catalog.node_id);
}

}  // namespace

void handle_alter_partition_reassignments(Context& context, Request request) {
  const auto asked = request.decode<Asked>();
  if (!asked) return;
  const auto catalog = context.catalog();
  Response response;
  response.error_message = std::nullopt;
  response.allow_replication_factor_change = asked->allow_replication_factor_change;
  for (const auto& topic : asked->topics) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_message = std::nullopt;
      if (auto refused = check(*catalog, topic.name, partition)) {
        answer.error_code = refused->code;
        answer.error_message = std::move(refused->message);
      }
    }
  }
  request.reply(response);
}

void handle_list_partition_reassignments(Context&, Request request) {
  if (!request.decode<wire::ListPartitionReassignmentsRequest>()) return;
  wire::ListPartitionReassignmentsResponse response;
  response.error_message = std::nullopt;
  request.reply(response);
}

}  // namespace horolog::broker
