#include "client/broker_error.hpp"

#include <fmt/format.h>

#include "client/error_help.hpp"

namespace horolog::client {

using wire::ErrorCode;

Errc errc_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::group_id_not_found:
    case ErrorCode::transactional_id_not_found:
    case ErrorCode::resource_not_found:
    case ErrorCode::log_dir_not_found:
    case ErrorCode::unknown_member_id:
    case ErrorCode::delegation_token_not_found: return Errc::not_found;
    case ErrorCode::topic_already_exists:
    case ErrorCode::duplicate_resource: return Errc::already_exists;
    case ErrorCode::corrupt_message:
    case ErrorCode::invalid_record: return Errc::corrupt;
    case ErrorCode::unsupported_version:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::unsupported_sasl_mechanism:
    case ErrorCode::unsupported_assignor:
    case ErrorCode::security_disabled:
    case ErrorCode::topic_deletion_disabled: return Errc::unsupported;
    case ErrorCode::kafka_storage_error: return Errc::io;
    case ErrorCode::offset_out_of_range:
    case ErrorCode::position_out_of_range: return Errc::out_of_range;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::offset_metadata_too_large:
    case ErrorCode::invalid_commit_offset_size:
    case ErrorCode::group_max_size_reached: return Errc::too_large;
    case ErrorCode::request_timed_out: return Errc::timed_out;
    case ErrorCode::producer_fenced:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::fenced_instance_id:
    case ErrorCode::fenced_member_epoch: return Errc::closed;
    case ErrorCode::operation_not_attempted: return Errc::cancelled;
    case ErrorCode::non_empty_group:
    case ErrorCode::group_subscribed_to_topic:
    case ErrorCode::reassignment_in_progress:
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::unreleased_instance_id: return Errc::busy;
    case ErrorCode::unknown_server_error: return Errc::io;
    default: return wire::is_retriable(code) ? Errc::busy : Errc::invalid_argument;
  }
}

Remedy remedy_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::transaction_abortable: return Remedy::abort_transaction;
    case ErrorCode::producer_fenced:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::fenced_instance_id: return Remedy::reopen;
    default: return wire::is_retriable(code) ? Remedy::retry : Remedy::none;
  }
}

Error broker_error(ErrorCode code, std::string_view what,
                   const std::optional<std::string>& broker_text) {
  const ErrorHelp help = error_help(code);
  std::string text = fmt::format("{}: {} ({})", what, wire::to_string(code),
                                 static_cast<std::int16_t>(code));
  if (broker_text && !broker_text->empty()) {
    text += fmt::format(": {}", *broker_text);
  } else if (!help.meaning.empty()) {
    text += fmt::format(": {}", help.meaning);
  }
  if (!help.fix.empty()) text += fmt::format("; {}", help.fix);
  return Error::from_broker(errc_of(code), static_cast<std::int16_t>(code), remedy_of(code),
                            std::move(text));
}

Status broker_status(ErrorCode code, std::string_view what,
                     const std::optional<std::string>& broker_text) {
  if (code == ErrorCode::none) return {};
  return broker_error(code, what, broker_text);
}

}  // namespace horolog::client
