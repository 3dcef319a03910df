// FindCoordinator 0–6: always this broker. The answer waits for the topic that holds the
// coordinator's state to exist, so that the request that follows finds its coordinator.

#include <fmt/format.h>

#include "broker/endpoint.hpp"
#include "broker/group_calls.hpp"
#include "broker/handlers.hpp"
#include "broker/transaction_service.hpp"
#include "protocol/messages/find_coordinator.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

enum KeyType : std::int8_t { group_key = 0, transaction_key = 1, share_key = 2 };
constexpr std::int16_t first_version_with_batches = 4;

struct Outcome {
  ErrorCode error = ErrorCode::none;
  std::string message;
};

/// nullopt: a group or a transactional id, which we coordinate.
std::optional<Outcome> refusal(std::int8_t key_type) {
  switch (key_type) {
    case group_key:
    case transaction_key:
      return std::nullopt;
    case share_key:
      return Outcome{ErrorCode::invalid_request,
                     "Share groups are not supported by this broker."};
    default:
      return Outcome{ErrorCode::invalid_request,
                     fmt::format("Coordinator key type {} does not exist.", key_type)};
  }
}

wire::FindCoordinatorResponse answer(const wire::FindCoordinatorRequest& asked,
                                     std::int16_t version, std::int32_t node,
                                     const net::Endpoint& self, const Outcome& outcome) {
  const bool found = outcome.error == ErrorCode::none;
  wire::FindCoordinatorResponse response;
  wire::FindCoordinatorResponse::Coordinator one;
  one.node_id = found ? node : -1;
  one.host = found ? self.host : "";
  one.port = found ? self.port : -1;
  one.error_code = outcome.error;
  one.error_message = outcome.message;
  if (version >= first_version_with_batches) {
    for (const std::string& key : asked.coordinator_keys) {
      one.key = key;
      response.coordinators.push_back(one);
    }
    return response;
  }
  response.node_id = one.node_id;
  response.host = one.host;
  response.port = one.port;
  response.error_code = one.error_code;
  // Kafka spells out success here, and only here.
  response.error_message = found ? "NONE" : one.error_message;
  return response;
}

}  // namespace

void handle_find_coordinator(Context& context, Request request) {
  auto asked = request.decode<wire::FindCoordinatorRequest>();
  if (!asked) return;
  const std::int16_t version = request.version();
  const net::Endpoint self = advertised_endpoint(*context.config(), *request.connection);
  const std::int32_t node = context.catalog()->node_id;
  if (const auto refused = refusal(asked->key_type)) {
    return request.reply(answer(*asked, version, node, self, *refused));
  }
  const bool transactional = asked->key_type == transaction_key;
  const auto held = std::make_shared<Request>(std::move(request));
  auto ready = [held, asked = std::move(*asked), version, node, self](const Status& status) {
    Outcome outcome;
    if (!status) {
      outcome.error = ErrorCode::coordinator_not_available;
      outcome.message = status.error().message();
    }
    held->reply(answer(asked, version, node, self, outcome));
  };
  if (transactional) {
    context.transactions.ensure_topic(std::move(ready));
  } else {
    context.groups.ensure_topic(std::move(ready));
  }
}

}  // namespace horolog::broker
