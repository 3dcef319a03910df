// CreatePartitions 0–3. Partitions can only be added; assignments may only name this node. Differs
// from Apache Kafka: the number of partitions of an internal topic is fixed, since it decides where
// a group lives.

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "base/limits.hpp"
#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/topic_manager.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/create_partitions.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::CreatePartitionsRequest;
using Response = wire::CreatePartitionsResponse;

std::optional<Refusal> check_assignments(const Asked::Topic& asked, std::int32_t added,
                                         std::int32_t node_id) {
  if (!asked.assignments) return std::nullopt;
  if (asked.assignments->size() != static_cast<std::size_t>(added)) {
    return Refusal{ErrorCode::invalid_replica_assignment,
                   fmt::format("Attempted to add {} additional partition(s), but only {} "
                               "assignment(s) were specified.",
                               added, asked.assignments->size())};
  }
  for (const auto& assignment : *asked.assignments) {
    if (auto refused = check_assignment(assignment.broker_ids, node_id)) return refused;
  }
  return std::nullopt;
}

std::optional<Refusal> check(const Asked::Topic& asked, const storage::TopicInfo* topic,
                             std::int32_t node_id) {
  if (topic == nullptr) return Refusal{ErrorCode::unknown_topic_or_partition, std::nullopt};
  if (topic->internal) {
    return Refusal{ErrorCode::invalid_request,
                   fmt::format("The partitions of internal topic {} are fixed.", topic->name)};
  }
  if (asked.count == topic->partitions) {
    return Refusal{ErrorCode::invalid_partitions,
                   fmt::format("Topic already has {} partition(s).", topic->partitions)};
  }
  if (asked.count < topic->partitions) {
    return Refusal{ErrorCode::invalid_partitions,
                   fmt::format("The topic {} currently has {} partition(s); {} would not be an "
                               "increase.",
                               topic->name, topic->partitions, asked.count)};
  }
  const std::int32_t added = asked.count - topic->partitions;
  if (added > partitions_per_request) {
    return Refusal{
        ErrorCode::invalid_partitions,
        fmt::format("{} partitions at once are more than {}.", added, partitions_per_request)};
  }
  return check_assignments(asked, added, node_id);
}

void create_partitions(Context& context, Request request, const Asked& asked) {
  std::map<std::string_view, int> times;
  for (const auto& topic : asked.topics) ++times[topic.name];
  std::set<std::string_view> duplicates_told;
  Response response;
  for (const auto& topic : asked.topics) {
    std::optional<Refusal> refused;
    const auto catalog = context.catalog();
    const auto info = catalog->find(topic.name);
    if (times[topic.name] > 1) {
      if (!duplicates_told.insert(topic.name).second) continue;
      refused = Refusal{ErrorCode::invalid_request, "Duplicate topic name."};
    } else if (asked.timeout_ms <= 0) {
      refused = Refusal{ErrorCode::request_timed_out, std::nullopt};
    } else {
      refused = check(topic, info.get(), catalog->node_id);
    }
    if (!refused && !asked.validate_only) {
      const Status added = context.topics.add_partitions(*info, topic.count);
      if (!added) refused = refusal_of(added.error());
    }
    Response::Topic& out = response.results.emplace_back();
    out.name = topic.name;
    if (refused) {
      out.error_code = refused->code;
      out.error_message = std::move(refused->message);
    }
  }
  request.reply(response);
}

}  // namespace

void handle_create_partitions(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), create_partitions);
}

}  // namespace horolog::broker
