#include "broker/transaction_calls.hpp"

#include "base/log.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

std::string_view reason_for(ErrorCode error) {
  switch (error) {
    case ErrorCode::producer_fenced:
    case ErrorCode::invalid_producer_epoch:
      return "a newer producer has the transactional id: this one is fenced";
    case ErrorCode::invalid_producer_id_mapping:
      return "the transactional id has another producer id, or has expired";
    case ErrorCode::concurrent_transactions:
      return "the transactional id is in use: its last transaction is still being ended";
    case ErrorCode::invalid_txn_state:
    case ErrorCode::transaction_abortable:
      return "the partition is not part of the transaction, or it is in another state";
    case ErrorCode::invalid_transaction_timeout:
      return "the timeout is above transaction.max.timeout.ms, or not positive";
    case ErrorCode::illegal_generation:
      return "the offsets come from a member of an old generation";
    case ErrorCode::unknown_member_id:
      return "the offsets come from a member that the group does not have";
    case ErrorCode::fenced_instance_id:
      return "another member has the group.instance.id";
    default:
      return {};
  }
}

}  // namespace

void log_refusal(Context& context, wire::ApiKey api, const std::string& who,
                 const coordinator::TransactionalProducer& producer, ErrorCode error) {
  const std::string_view reason = reason_for(error);
  if (reason.empty()) return;
  if (error == ErrorCode::producer_fenced || error == ErrorCode::invalid_producer_epoch) {
    context.transactions.metrics().fenced_requests.add();
  }
  const auto left_out = context.refusals.admit(context.clock.mono_ns());
  if (!left_out) return;
  log::warn("transactions", "refused",
            {log::field("api", wire::to_string(api)), log::field("client", who),
             log::field("transactional_id", producer.transactional_id),
             log::field("producer_id", producer.producer_id),
             log::field("epoch", producer.producer_epoch),
             log::field("error", wire::to_string(error)), log::field("reason", reason),
             log::field("left_out_before", *left_out)});
}

}  // namespace horolog::broker
