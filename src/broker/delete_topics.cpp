// DeleteTopics 1–6, by name and (from 6) by id. Differs from Apache Kafka: internal topics cannot
// be deleted.

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/topic_manager.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/delete_topics.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DeleteTopicsRequest;
using Response = wire::DeleteTopicsResponse;

/// Both forms of the request in one: what version 6 calls topics.
std::vector<Asked::Topic> all_topics(const Asked& asked) {
  std::vector<Asked::Topic> topics = asked.topics;
  for (const std::string& name : asked.topic_names) {
    topics.push_back({.name = name, .topic_id = {}});
  }
  return topics;
}

Response::Topic answer(const Asked::Topic& topic, ErrorCode code,
                       std::optional<std::string> message) {
  return {.name = topic.name,
          .topic_id = topic.topic_id,
          .error_code = code,
          .error_message = std::move(message)};
}

std::optional<Refusal> check_form(const Asked::Topic& topic) {
  if (!topic.name && topic.topic_id.is_zero()) {
    return Refusal{ErrorCode::invalid_request, "Neither topic name nor id were specified."};
  }
  if (topic.name && !topic.topic_id.is_zero()) {
    return Refusal{ErrorCode::invalid_request, "You may not specify both topic name and topic id."};
  }
  return std::nullopt;
}

Response::Topic delete_one(Context& context, const Asked::Topic& topic) {
  const auto catalog = context.catalog();
  const auto info = topic.name ? catalog->find(*topic.name) : catalog->find(topic.topic_id);
  if (info == nullptr) {
    if (topic.name) {
      return answer(topic, ErrorCode::unknown_topic_or_partition,
                    "This server does not host this topic-partition.");
    }
    return answer(topic, ErrorCode::unknown_topic_id, "This server does not host this topic ID.");
  }
  Response::Topic out{.name = info->name, .topic_id = info->id};
  if (info->internal) {
    out.error_code = ErrorCode::invalid_request;
    out.error_message = fmt::format("Deletion of internal topic {} is prohibited.", info->name);
  } else if (Status removed = context.topics.remove(*info); !removed) {
    Refusal refusal = refusal_of(removed.error());
    out.error_code = refusal.code;
    out.error_message = std::move(refusal.message);
  }
  return out;
}

void delete_topics(Context& context, Request request, const Asked& asked) {
  const auto topics = all_topics(asked);
  std::map<std::string, int> names;
  std::map<Uuid, int> ids;
  for (const auto& topic : topics) {
    if (topic.name) {
      ++names[*topic.name];
    } else {
      ++ids[topic.topic_id];
    }
  }
  std::optional<Refusal> refuse_all;
  if (!context.config()->delete_topics) {
    refuse_all = Refusal{
        request.version() < 3 ? ErrorCode::invalid_request : ErrorCode::topic_deletion_disabled,
        "Topic deletion is disabled."};
  } else if (asked.timeout_ms <= 0) {
    refuse_all = Refusal{ErrorCode::request_timed_out, std::nullopt};
  }
  Response response;
  std::set<std::string> duplicates_told;
  std::set<Uuid> duplicate_ids_told;
  for (const auto& topic : topics) {
    const auto refused = refuse_all ? refuse_all : check_form(topic);
    if (refused) {
      response.responses.push_back(answer(topic, refused->code, refused->message));
    } else if (topic.name && names[*topic.name] > 1) {
      if (!duplicates_told.insert(*topic.name).second) continue;
      response.responses.push_back(
          answer(topic, ErrorCode::invalid_request, "Duplicate topic name."));
    } else if (!topic.name && ids[topic.topic_id] > 1) {
      if (!duplicate_ids_told.insert(topic.topic_id).second) continue;
      response.responses.push_back(
          answer(topic, ErrorCode::invalid_request, "Duplicate topic id."));
    } else {
      response.responses.push_back(delete_one(context, topic));
    }
  }
  request.reply(response);
}

}  // namespace

void handle_delete_topics(Context& context, Request request) {
  auto asked = request.decode<Asked>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked), delete_topics);
}

}  // namespace horolog::broker
