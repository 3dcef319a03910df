#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "broker/context.hpp"
#include "broker/group_calls.hpp"
#include "broker/request.hpp"
#include "broker/transaction_service.hpp"

/// What the transaction handlers share: the way to a coordinator and back, and the log line for
/// what is refused.
namespace horolog::broker {

/// Names client, id and reason where a request was refused because of who asks: a producer that has
/// been replaced, an id in use, a member of an old generation. Nothing for other outcomes, and not
/// more lines a second than Context::refusals lets through.
void log_refusal(Context& context, wire::ApiKey api, const std::string& who,
                 const coordinator::TransactionalProducer& producer, wire::ErrorCode error);

/// The coordinator's verdict, where the answer has a single one.
template <typename Answer>
wire::ErrorCode refusal_in(const Answer* answer) {
  if constexpr (requires { answer->error; }) {
    if (answer != nullptr) return answer->error;
  }
  return wire::ErrorCode::none;
}

/// Asks the coordinator of the producer's transactional id. `answer` runs once, on any shard, with
/// the coordinator's own answer, or with why there is none (loading, not available).
template <typename Answer>
void ask_transaction(Context& context, const Request& request,
                     const coordinator::TransactionalProducer& producer,
                     TransactionHost::Input input,
                     std::function<void(wire::ErrorCode, Answer*)> answer) {
  const auto api = static_cast<wire::ApiKey>(request.header.api_key);
  context.transactions.call(
      producer.transactional_id, caller_of(request), std::move(input),
      [&context, api, producer, who = request.who(), answer = std::move(answer)](
          wire::ErrorCode error, coordinator::TransactionResponse* response) {
        Answer* given = response == nullptr ? nullptr : &std::get<Answer>(*response);
        log_refusal(context, api, who, producer, refusal_in(given));
        answer(error, given);
      });
}

}  // namespace horolog::broker
