// InitProducerId 0–5: for idempotent producers an id from the catalog's blocks, for transactional
// ones what the coordinator of the transactional id says. Two-phase commit (version 6) is not
// served.

#include "protocol/messages/init_producer_id.hpp"

#include "base/log.hpp"
#include "broker/handlers.hpp"
#include "broker/producer_ids.hpp"
#include "broker/transaction_calls.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

void answer(Request request, ErrorCode error, ProducerId id) {
  wire::InitProducerIdResponse response;
  response.error_code = error;
  response.producer_id = id;
  response.producer_epoch = error == ErrorCode::none ? ProducerEpoch{0} : ProducerEpoch{-1};
  request.reply(response);
}

void init_transactional(Context& context, Request request, wire::InitProducerIdRequest asked) {
  const coordinator::TransactionalProducer producer{*asked.transactional_id, asked.producer_id,
                                                    asked.producer_epoch};
  const auto held = std::make_shared<Request>(std::move(request));
  ask_transaction<wire::InitProducerIdResponse>(
      context, *held, producer,
      [asked = std::move(asked)](auto& machine, const auto& from, auto now) {
        return machine.init_producer_id(from, asked, now);
      },
      [&context, held, producer](ErrorCode error, wire::InitProducerIdResponse* response) {
        if (response == nullptr) return answer(std::move(*held), error, no_producer_id);
        log_refusal(context, wire::ApiKey::init_producer_id, held->who(), producer,
                    response->error_code);
        held->reply(*response);
      });
}

}  // namespace

void handle_init_producer_id(Context& context, Request request) {
  auto asked = request.decode<wire::InitProducerIdRequest>();
  if (!asked) return;
  if (asked->transactional_id) {
    if (asked->transactional_id->empty()) {
      answer(std::move(request), ErrorCode::invalid_request, no_producer_id);
      return;
    }
    return init_transactional(context, std::move(request), std::move(*asked));
  }
  if (const auto id = context.producer_ids.take()) {
    answer(std::move(request), ErrorCode::none, *id);
    return;
  }
  auto held = std::make_shared<Request>(std::move(request));
  context.pool.post([&context, held] {
    const auto id = context.producer_ids.take_blocking();
    if (!id) log::error("producer_ids", id.error().message());
    answer(std::move(*held), id ? ErrorCode::none : ErrorCode::coordinator_not_available,
           id ? *id : no_producer_id);
  });
}

}  // namespace horolog::broker
