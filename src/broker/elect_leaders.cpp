// ElectLeaders 0–2. The only replica leads every partition that is online, so there is never an
// election to hold.

#include <fmt/format.h>

#include <utility>

#include "broker/handlers.hpp"
#include "protocol/messages/elect_leaders.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::ElectLeadersRequest;
using Response = wire::ElectLeadersResponse;

constexpr std::int8_t preferred = 0;
constexpr std::int8_t unclean = 1;

Response::Partition elect(const Context& context, const storage::CatalogSnapshot& catalog,
                          const std::string& topic, PartitionIndex index, std::int8_t type) {
  const auto result = [index](ErrorCode code, std::string message) {
    return Response::Partition{
        .partition_id = index, .error_code = code, .error_message = std::move(message)};
  };
  const auto info = catalog.find(topic);
  if (info == nullptr) {
    return result(ErrorCode::unknown_topic_or_partition, "No such topic as " + topic);
  }
  if (index < 0 || index >= info->partitions) {
    return result(ErrorCode::unknown_topic_or_partition,
                  fmt::format("No such partition as {}-{}", topic, index));
  }
  if (context.partitions.find(topic, index) == nullptr) {
    return result(type == preferred ? ErrorCode::preferred_leader_not_available
                                    : ErrorCode::eligible_leaders_not_available,
                  "The partition is damaged and offline.");
  }
  return result(ErrorCode::election_not_needed, "Leader election not needed for topic partition.");
}

void refuse_type(const Asked& asked, Response& response) {
  response.error_code = ErrorCode::invalid_request;
  if (!asked.topic_partitions) return;
  for (const auto& topic : *asked.topic_partitions) {
    auto& out = response.replica_election_results.emplace_back();
    out.topic = topic.topic;
    for (const PartitionIndex index : topic.partitions) {
      out.partition_result.push_back(
          {.partition_id = index,
           .error_code = ErrorCode::invalid_request,
           .error_message = fmt::format("Unknown election type {}", asked.election_type)});
    }
  }
}

}  // namespace

void handle_elect_leaders(Context& context, Request request) {
  const auto asked = request.decode<Asked>();
  if (!asked) return;
  Response response;
  if (asked->election_type != preferred && asked->election_type != unclean) {
    refuse_type(*asked, response);
    request.reply(response);
    return;
  }
  // Of every partition (null) only those with an election are told: none.
  if (asked->topic_partitions) {
    const auto catalog = context.catalog();
    for (const auto& topic : *asked->topic_partitions) {
      auto& out = response.replica_election_results.emplace_back();
      out.topic = topic.topic;
      for (const PartitionIndex index : topic.partitions) {
        out.partition_result.push_back(
            elect(context, *catalog, topic.topic, index, asked->election_type));
      }
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
