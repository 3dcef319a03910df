#include <fmt/format.h>

#include <utility>

#include "base/assert.hpp"
#include "client/broker_error.hpp"
#include "client/producer_sender.hpp"

/// What becomes of a batch when its answer is there, or is not to come.
namespace horolog::client {
namespace {

using wire::ErrorCode;

/// The broker's view of the leader differs from ours.
bool is_about_leader(ErrorCode code) {
  switch (code) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::inconsistent_topic_id:
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::replica_not_available:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_leader_epoch:
    case ErrorCode::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

/// An error after which the broker may have the batch all the same.
bool leaves_doubt(ErrorCode code) {
  return code == ErrorCode::request_timed_out || code == ErrorCode::network_exception ||
         code == ErrorCode::not_enough_replicas_after_append ||
         code == ErrorCode::unknown_server_error;
}

}  // namespace

ProducerSender::Verdict ProducerSender::judge(const PartitionFlow& flow,
                                              const ProduceBundle::Part& part,
                                              ErrorCode code) const {
  const bool sequenced = settings_.idempotent;
  switch (code) {
    case ErrorCode::none:
      return Verdict::done;
    case ErrorCode::duplicate_sequence_number:
      return sequenced ? Verdict::done : Verdict::fail;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
      return part.batch->count() > 1 ? Verdict::split : Verdict::fail;
    case ErrorCode::out_of_order_sequence_number:
      if (!sequenced) return Verdict::fail;
      // One before it did not arrive, and is sent again before it.
      if (flow.sent.front().batch != part.batch) return Verdict::retry;
      return settings_.transactional ? Verdict::fail : Verdict::restart;
    case ErrorCode::unknown_producer_id:
    case ErrorCode::invalid_producer_epoch:
      // In a transaction the abort tells whether another producer has taken over.
      return sequenced && !settings_.transactional ? Verdict::restart : Verdict::fail;
    case ErrorCode::producer_fenced:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
      return Verdict::fail_for_good;
    default:
      return wire::is_retriable(code) ? Verdict::retry : Verdict::fail;
  }
}

void ProducerSender::answered(const ProduceBundle::Part& part, const Answer& answer, MonoNs now) {
  PartitionFlow& flow = *part.flow;
  const std::size_t index = flow.index_of(part.batch);
  HOROLOG_ASSERT(index < flow.sent.size() && flow.sent[index].in_flight);
  const std::string where =
      fmt::format("producing to {}-{}", flow.queue.topic->name, flow.queue.partition);
  const Verdict verdict = judge(flow, part, answer.code);
  if (verdict != Verdict::done) {
    flow.last_error = broker_error(answer.code, where);
    if (leaves_doubt(answer.code)) part.batch->maybe_persisted = true;
    if (is_about_leader(answer.code)) hooks_.leader_failed(flow.queue);
  }
  switch (verdict) {
    case Verdict::done:
      return succeed(flow, index, answer);
    case Verdict::split:
      return split(flow, index);
    case Verdict::restart:
      flow.must_restart = true;
      wait_to_resend(flow, index);
      return back_off(flow, now);
    case Verdict::retry:
      wait_to_resend(flow, index);
      // Only who was first in line has to wait: the others come after it anyway.
      if (index == 0) back_off(flow, now);
      return;
    case Verdict::fail:
    case Verdict::fail_for_good: {
      Error error = broker_error(answer.code, where, answer.text);
      if (settings_.transactional) {
        error = error.with_remedy(verdict == Verdict::fail ? Remedy::abort_transaction
                                                           : Remedy::reopen);
      }
      flow.sent.erase(flow.sent.begin() + static_cast<std::ptrdiff_t>(index));
      fail(flow, part.batch, error);
    }
  }
}

void ProducerSender::lost(const ProduceBundle::Part& part, const Error& why, bool sent,
                          MonoNs now) {
  PartitionFlow& flow = *part.flow;
  const std::size_t index = flow.index_of(part.batch);
  HOROLOG_ASSERT(index < flow.sent.size() && flow.sent[index].in_flight);
  if (sent) part.batch->maybe_persisted = true;
  flow.last_error = why;
  const bool hopeless = why.code() == Errc::unsupported || why.code() == Errc::cancelled ||
                        why.code() == Errc::invalid_argument;
  if (hopeless) {
    flow.sent.erase(flow.sent.begin() + static_cast<std::ptrdiff_t>(index));
    fail(flow, part.batch, why);
    return;
  }
  hooks_.leader_failed(flow.queue);
  wait_to_resend(flow, index);
  if (index == 0) back_off(flow, now);
}

void ProducerSender::wait_to_resend(PartitionFlow& flow, std::size_t index) {
  flow.sent[index].in_flight = false;
  activate(flow);
}

void ProducerSender::back_off(PartitionFlow& flow, MonoNs now) {
  ++flow.failures;
  flow.not_before = now + settings_.backoff.delay(flow.failures, hooks_.random());
}

void ProducerSender::split(PartitionFlow& flow, std::size_t index) {
  ProducerBatch* batch = flow.sent[index].batch;
  ProducerBatch* rest = accumulator_.extra(*batch);
  batch->split(batch->count() / 2, *rest);
  flow.sent.insert(flow.sent.begin() + static_cast<std::ptrdiff_t>(index) + 1, {rest, false});
  wait_to_resend(flow, index);
}

void ProducerSender::succeed(PartitionFlow& flow, std::size_t index, const Answer& answer) {
  ProducerBatch* batch = flow.sent[index].batch;
  flow.sent.erase(flow.sent.begin() + static_cast<std::ptrdiff_t>(index));
  flow.failures = 0;
  flow.not_before = 0;
  flow.last_error.reset();
  counts_.records_delivered += static_cast<std::uint64_t>(batch->count());
  counts_.bytes_delivered += batch->wire().size();
  batch->complete(answer.code == ErrorCode::none ? answer.base_offset : no_offset,
                  answer.append_time);
  accumulator_.release(batch);
}

void ProducerSender::fail(PartitionFlow& flow, ProducerBatch* batch, const Error& why) {
  if (batch->has_sequence()) {
    flow.has_gap = true;
    // Who follows would be told that it is out of order, and starts again then, when it is known
    // that the broker does not have it.
    activate(flow);
  }
  counts_.records_failed += static_cast<std::uint64_t>(batch->count());
  if (settings_.transactional) hooks_.transaction_failed(why, batch->has_sequence());
  batch->complete(why, no_timestamp);
  accumulator_.release(batch);
}

Error ProducerSender::late(const PartitionFlow& flow, const ProducerBatch& batch) const {
  const bool answered = flow.last_error && flow.last_error->kafka_code() != 0;
  const std::string_view fate =
      batch.maybe_persisted ? "the broker may have them" : "the broker has none of them";
  return Error::from_broker(
      Errc::timed_out, answered ? flow.last_error->kafka_code() : std::int16_t{0},
      settings_.transactional ? Remedy::abort_transaction : Remedy::none,
      fmt::format("{} records for {}-{} were not delivered within {} ms (delivery_timeout): "
                  "{}{}{}",
                  batch.count(), flow.queue.topic->name, flow.queue.partition,
                  settings_.delivery_timeout_ns / 1'000'000, fate,
                  flow.last_error ? "; last: " : "",
                  flow.last_error ? flow.last_error->message() : ""));
}

}  // namespace horolog::client
