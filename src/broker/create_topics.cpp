// CreateTopics 2–7. All topics of a request are created in one change of the catalog, with one
// sync. Differs from Apache Kafka: internal topics are made by the broker alone, and with
// horolog.replication.factor.clamp a replication factor above 1 is taken as 1.

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "broker/config_view.hpp"
#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/refusals.hpp"
#include "broker/topic_manager.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/create_topics.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::CreateTopicsRequest;
using Response = wire::CreateTopicsResponse;

constexpr std::string_view metadata_topic = "__cluster_metadata";

Response::Topic refused(const std::string& name, Refusal refusal) {
  Response::Topic topic;
  topic.name = name;
  topic.error_code = refusal.code;
  topic.error_message = std::move(refusal.message);
  return topic;
}

Response::Topic created(const Context& context, const storage::TopicInfo& info) {
  Response::Topic topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.error_message = std::nullopt;
  topic.num_partitions = info.partitions;
  topic.replication_factor = 1;
  for (const ConfigView& view : describe_topic_configs(context, *context.catalog(), info.configs)) {
    topic.configs->push_back({.name = view.name,
                              .value = view.value,
                              .read_only = view.read_only,
                              .config_source = static_cast<std::int8_t>(view.source),
                              .is_sensitive = view.sensitive});
  }
  return topic;
}

std::int64_t partitions_asked(const Asked& asked, std::int32_t num_partitions) {
  std::int64_t total = 0;
  for (const auto& topic : asked.topics) {
    total += !topic.assignments.empty()   ? static_cast<std::int64_t>(topic.assignments.size())
             : topic.num_partitions == -1 ? num_partitions
                                          : std::max(topic.num_partitions, std::int32_t{0});
  }
  return total;
}

/// Topics that may be created so far, with their places in the response.
struct Plan {
  std::vector<storage::TopicInfo> topics;
  std::vector<std::size_t> slots;
};

Plan check_all(const Context& context, const Asked& asked, Response& response) {
  const auto catalog = context.catalog();
  const auto config = context.config();
  const TopicDefaults defaults{.node_id = catalog->node_id,
                               .num_partitions = config->num_partitions,
                               .clamp_replication_factor = config->clamp_replication_factor};
  const bool too_many = partitions_asked(asked, config->num_partitions) > partitions_per_request;
  std::map<std::string_view, int> times;
  for (const auto& topic : asked.topics) ++times[topic.name];
  Plan plan;
  for (const auto& topic : asked.topics) {
    if (times[topic.name] > 1 || topic.name == metadata_topic) continue;
    storage::TopicInfo info;
    std::optional<Refusal> refusal;
    if (asked.timeout_ms <= 0) {
      refusal = Refusal{ErrorCode::request_timed_out, std::nullopt};
    } else if (too_many) {
      refusal = Refusal{ErrorCode::policy_violation,
                        "Excessively large number of partitions per request."};
    } else {
      refusal = check_new_topic(topic, *catalog, *context.store.defaults(), defaults, info);
    }
    if (refusal) {
      response.topics.push_back(refused(topic.name, std::move(*refusal)));
      continue;
    }
    info.id = Uuid::random();
    plan.slots.push_back(response.topics.size());
    response.topics.push_back(created(context, info));
    plan.topics.push_back(std::move(info));
  }
  for (const auto& [name, count] : times) {
    if (count > 1) {
      response.topics.push_back(
          refused(std::string(name), {ErrorCode::invalid_request, "Duplicate topic name."}));
    } else if (name == metadata_topic) {
      response.topics.push_back(
          refused(std::string(name), {ErrorCode::invalid_request,
                                      "Creation of internal topic __cluster_metadata is "
                                      "prohibited."}));
    }
  }
  return plan;
}

void create_topics(Context& context, Request request, const Asked& asked) {
  Response response;
  Plan plan = check_all(context, asked, response);
  if (!asked.validate_only && !plan.topics.empty()) {
    const auto outcomes = context.topics.create(std::move(plan.topics));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      Response::Topic& slot = response.topics[plan.slots[i]];
      if (outcomes[i]) {
        log::info("topics", "created",
                  {log::field("topic", slot.name), log::field("partitions", slot.num_partitions)});
      } else {
        slot = refused(slot.name, refusal_of(outcomes[i].error()));
      }
    }
  }
  for (const Response::Topic& topic : response.topics) {
    // Many create a topic to be sure that it is there.
    const bool ordinary = topic.error_code == ErrorCode::none ||
                          topic.error_code == ErrorCode::topic_already_exists;
    if (ordinary) continue;
    log_refused(context, {wire::ApiKey::create_topics, request.who(), "topic", topic.name,
                          topic.error_code, topic.error_message.value_or("")});
  }
  request.reply(response);
}

}  // namespace

void handle_create_topics(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), create_topics);
}

}  // namespace horolog::broker
