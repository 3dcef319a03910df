// InitProducerId 0–5, for idempotent producers. A transactional id is refused: there are no
// transactions, and saying so at once is better than failing at the first commit.

#include "protocol/messages/init_producer_id.hpp"
#include "base/log.hpp"
#include "broker/handlers.hpp"
#include "broker/producer_ids.hpp"

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

}  // namespace

void handle_init_producer_id(Context& context, Request request) {
  auto asked = request.decode<wire::InitProducerIdRequest>();
  if (!asked) return;
  if (asked->transactional_id) {
    if (asked->transactional_id->empty()) {
      answer(std::move(request), ErrorCode::invalid_request, no_producer_id);
      return;
    }
    log::warn("producer_ids", "transactions are not supported: transactional.id refused",
              {log::field("transactional_id", *asked->transactional_id),
               log::field("client", request.who())});
    answer(std::move(request), ErrorCode::transactional_id_authorization_failed, no_producer_id);
    return;
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
