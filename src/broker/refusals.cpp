#include "broker/refusals.hpp"

#include "base/log.hpp"

namespace horolog::broker {

using wire::ErrorCode;

void log_refused(Context& context, const Refused& refused) {
  const auto left_out = context.refusals.admit(context.clock.mono_ns());
  if (!left_out) return;
  log::warn("broker", "refused",
            {log::field("api", wire::to_string(refused.api)), log::field("client", refused.who),
             log::field(refused.kind, refused.id),
             log::field("error", wire::to_string(refused.error)),
             log::field("reason", refused.reason), log::field("left_out_before", *left_out)});
}

bool is_clients_fault(ErrorCode error) {
  switch (error) {
    case ErrorCode::corrupt_message:
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::invalid_record:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::transaction_abortable:
    case ErrorCode::invalid_topic_exception:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::transactional_id_authorization_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace horolog::broker
