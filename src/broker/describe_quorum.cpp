// DescribeQuorum 0–2. One voter, which leads: this node.

#include "protocol/messages/describe_quorum.hpp"
#include "broker/endpoint.hpp"
#include "broker/handlers.hpp"
#include "storage/catalog_bootstrap.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DescribeQuorumRequest;
using Response = wire::DescribeQuorumResponse;

constexpr std::string_view metadata_topic = "__cluster_metadata";

bool asks_for_metadata(const Asked& asked) {
  return asked.topics.size() == 1 && asked.topics.front().topic_name == metadata_topic &&
         asked.topics.front().partitions.size() == 1 &&
         asked.topics.front().partitions.front().partition_index == 0;
}

void refuse(const Asked& asked, Response& response) {
  for (const auto& topic : asked.topics) {
    auto& out = response.topics.emplace_back();
    out.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = ErrorCode::unknown_topic_or_partition;
      answer.error_message = "This server does not host this topic-partition.";
    }
  }
}

}  // namespace

void handle_describe_quorum(Context& context, Request request) {
  const auto asked = request.decode<Asked>();
  if (!asked) return;
  Response response;
  if (!asks_for_metadata(*asked)) {
    refuse(*asked, response);
    request.reply(response);
    return;
  }
  const auto catalog = context.catalog();
  auto& topic = response.topics.emplace_back();
  topic.topic_name = metadata_topic;
  auto& partition = topic.partitions.emplace_back();
  partition.leader_id = catalog->node_id;
  partition.leader_epoch = storage::metadata_log_epoch;
  partition.high_watermark = catalog->metadata_offset + 1;
  auto& voter = partition.current_voters.emplace_back();
  voter.replica_id = catalog->node_id;
  voter.log_end_offset = catalog->metadata_offset + 1;
  voter.last_fetch_timestamp = context.clock.wall_ms();
  voter.last_caught_up_timestamp = voter.last_fetch_timestamp;
  if (request.version() >= 2) {
    const net::Endpoint self = advertised_endpoint(*context.config(), *request.connection);
    auto& node = response.nodes.emplace_back();
    node.node_id = catalog->node_id;
    node.listeners.push_back(
        {.name = request.connection->listener, .host = self.host, .port = self.port});
  }
  request.reply(response);
}

}  // namespace horolog::broker
