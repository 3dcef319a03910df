#include <utility>

#include "base/assert.hpp"
#include "client/broker_error.hpp"
#include "client/transaction_machine.hpp"

/// What the coordinators' answers mean.
namespace horolog::client {
namespace {

using wire::ErrorCode;

enum class Meaning : std::uint8_t { done, again, concurrent, abort, fenced, fatal };

Meaning meaning_of(ErrorCode code, const txn::Request& request) {
  switch (code) {
    case ErrorCode::none:
      return Meaning::done;
    case ErrorCode::concurrent_transactions:
      return Meaning::concurrent;
    case ErrorCode::producer_fenced:
    case ErrorCode::invalid_producer_epoch:
      return Meaning::fenced;
    case ErrorCode::transaction_abortable:
      return Meaning::abort;
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::unsupported_version:
    case ErrorCode::unsupported_for_message_format:
      return Meaning::fatal;
    default:
      break;
  }
  if (wire::is_retriable(code)) return Meaning::again;
  // A topic, group or member was refused, not the producer: the transaction alone is lost.
  const bool about_the_producer =
      std::holds_alternative<txn::Init>(request) || std::holds_alternative<txn::End>(request);
  return about_the_producer ? Meaning::fatal : Meaning::abort;
}

}  // namespace

std::string TransactionMachine::what() const {
  if (operations_.empty()) return "adding partitions to the transaction";
  switch (operations_.front().kind) {
    case Kind::init:
      return "init_transactions";
    case Kind::offsets:
      return "send_offsets for group " + operations_.front().group.group;
    case Kind::commit:
      return "commit_transaction";
    case Kind::abort:
      break;
  }
  return "abort_transaction";
}

void TransactionMachine::wait(const Backoff& backoff, MonoNs now) {
  ++failures_;
  not_before_ = now + backoff.delay(failures_, hooks_.random());
}

void TransactionMachine::answered(const Answer& answer, MonoNs now) {
  HOROLOG_ASSERT(in_flight_);
  if (std::exchange(in_flight_abandoned_, false)) {
    in_flight_.reset();
    return;
  }
  switch (meaning_of(answer.code, *in_flight_)) {
    case Meaning::done:
      return succeeded(answer);
    case Meaning::concurrent:
      in_flight_.reset();
      return wait(settings_.concurrent, now);
    case Meaning::again:
      // The coordinator may have acted all the same: what is asked again stays the same request.
      if (std::holds_alternative<txn::End>(*in_flight_) &&
          (answer.code == ErrorCode::request_timed_out ||
           answer.code == ErrorCode::network_exception)) {
        operations_.front().maybe_acted = true;
      }
      in_flight_.reset();
      return wait(settings_.backoff, now);
    default:
      return refused(answer.code);
  }
}

void TransactionMachine::lost(const Error& why, bool sent, MonoNs now) {
  HOROLOG_ASSERT(in_flight_);
  // The look-up of the coordinator was answered, with an error.
  if (why.kafka_code() != 0) {
    return answered({.code = static_cast<ErrorCode>(why.kafka_code())}, now);
  }
  const txn::Request request = *std::exchange(in_flight_, std::nullopt);
  if (std::exchange(in_flight_abandoned_, false)) return;
  if (sent && std::holds_alternative<txn::End>(request)) operations_.front().maybe_acted = true;
  if (why.code() != Errc::unsupported && why.code() != Errc::cancelled) {
    return wait(settings_.backoff, now);
  }
  if (std::holds_alternative<txn::AddPartitions>(request)) {
    return done_for(why.with_context("adding partitions to the transaction"),
                    TransactionState::failed);
  }
  const Operation& op = operations_.front();
  done_for(ended_badly(op, why.with_context(what())),
           op.kind == Kind::commit && may_have_ended(op) ? TransactionState::unknown_outcome
                                                         : TransactionState::failed);
  fail_front(*failure_);
}

void TransactionMachine::adding_refused(const Error& error, ErrorCode code) {
  switch (meaning_of(code, txn::AddPartitions{})) {
    case Meaning::fenced:
      return done_for(error, TransactionState::fenced);
    case Meaning::fatal:
      return done_for(error, TransactionState::failed);
    default:
      return must_abort(error);
  }
}

void TransactionMachine::refused(ErrorCode code) {
  const txn::Request request = *std::exchange(in_flight_, std::nullopt);
  if (std::holds_alternative<txn::AddPartitions>(request)) {
    return adding_refused(broker_error(code, "adding partitions to the transaction"), code);
  }
  const Meaning meaning = meaning_of(code, request);
  const Operation& op = operations_.front();
  const Error error = ended_badly(op, broker_error(code, what()));
  if (op.kind == Kind::abort && std::holds_alternative<txn::End>(request)) {
    // The coordinator had not heard of the transaction: there is nothing to abort.
    if (code == ErrorCode::invalid_txn_state && !started_) {
      transaction_over();
      return finish_front({});
    }
    if (meaning == Meaning::abort) return fail_front(error.with_remedy(Remedy::retry));
  }
  if (op.kind == Kind::commit && may_have_ended(op)) {
    done_for(error, TransactionState::unknown_outcome);
  } else if (meaning == Meaning::fenced) {
    done_for(error, TransactionState::fenced);
  } else if (meaning == Meaning::abort && state_ == TransactionState::open) {
    must_abort(error);
  } else {
    done_for(error, TransactionState::failed);
  }
  fail_front(*failure_);
}

bool TransactionMachine::may_have_ended(const Operation& op) const {
  const bool asked = in_flight_ && !in_flight_abandoned_ &&
                     std::holds_alternative<txn::End>(*in_flight_);
  return op.kind == Kind::commit && (op.maybe_acted || asked);
}

Error TransactionMachine::ended_badly(const Operation& op, const Error& why) const {
  if (!may_have_ended(op)) return why;
  return why.with_context(
      "the outcome of the transaction is unknown: its commit was sent and not answered; read what "
      "it wrote, with read_committed, to learn it");
}

void TransactionMachine::adopt(const Answer& answer) {
  if (answer.producer_id == no_producer_id) return;
  producer_id_ = answer.producer_id;
  epoch_ = answer.epoch;
  must_raise_ = false;
  hooks_.identity(producer_id_, epoch_);
}

void TransactionMachine::succeeded(const Answer& answer) {
  const txn::Request request = *std::exchange(in_flight_, std::nullopt);
  failures_ = 0;
  if (const auto* added = std::get_if<txn::AddPartitions>(&request)) {
    started_ = true;
    for (const TopicPartition& each : added->partitions) to_add_.erase(each);
    hooks_.added(added->partitions);
    return;
  }
  Operation& op = operations_.front();
  if (!std::holds_alternative<txn::Init>(request)) started_ = true;
  if (std::holds_alternative<txn::AddOffsets>(request)) {
    op.group_added = true;
    return;
  }
  if (std::holds_alternative<txn::CommitOffsets>(request)) return finish_front({});
  adopt(answer);
  if (std::holds_alternative<txn::End>(request) && must_raise_) {
    op.ended = true;
    return;
  }
  transaction_over();
  finish_front({});
}

}  // namespace horolog::client
