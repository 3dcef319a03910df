#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "client/broker_error.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/kafka_port.hpp"
#include "scheduler/names.hpp"
#include "scheduler/patience.hpp"
#include "scheduler/target_table.hpp"

/// KafkaPort: one transaction from its first partition to its end.
namespace horolog::scheduler {
namespace {

using wire::ErrorCode;

constexpr std::int64_t patience_ms = 10'000;
constexpr MonoNs call_ns = 10'000'000'000;
constexpr MonoNs end_call_ns = 3'000'000'000;

bool is_target(const std::string& topic) {
  return topic != topic::state && topic != topic::runs && topic != topic::commands;
}

/// The partition is somebody else's now, or the coordinator has forgotten us.
bool lost(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::producer_fenced:
    case ErrorCode::fenced_instance_id:
    case ErrorCode::unknown_member_id:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::out_of_order_sequence_number: return true;
    default: return false;
  }
}

std::string words(ErrorCode code, const std::string& what) {
  return client::broker_error(code, what).message();
}

}  // namespace

Written KafkaPort::write(const Transaction& transaction, const Membership& membership) {
  std::vector<OutRecord> runs;
  std::optional<BadTarget> bad;
  const auto plan = plan_batches(
      transaction, settings_.partition,
      [this](const std::string& topic) { return targets_.room(topic); }, runs, bad);
  if (!plan) return {Kind::target_failed, bad->topic, bad->error.message()};
  if (auto failed = add_partitions(*plan)) return aborted(std::move(*failed));
  crossed("txn-added");
  if (auto failed = produce(*plan)) return aborted(std::move(*failed));
  crossed("txn-before-offset");
  if (auto failed = commit_offset(transaction.next_command, membership))
    return aborted(std::move(*failed));
  crossed("txn-before-end");
  Written ended = end(true);
  ended.state_next = state_next_;
  crossed("txn-ended");
  return ended;
}

std::optional<Written> KafkaPort::add_partitions(const BatchPlan& plan) {
  Patience patience(clock_, patience_ms);
  for (;;) {
    wire::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = transactional_id_;
    request.v3_and_below_producer_id = producer_id_;
    request.v3_and_below_producer_epoch = epoch_;
    auto& topics = request.v3_and_below_topics;
    for (const auto& [place, batches] : plan) {
      if (topics.empty() || topics.back().name != place.topic)
        topics.push_back({place.topic, {}});
      topics.back().partitions.push_back(place.partition);
    }
    const auto reply = ask(*cluster_, client::Target::transaction(transactional_id_),
                           std::move(request), {.cap = {0, 3}, .timeout_ns = call_ns});
    if (!reply) return Written{Kind::lost, {}, reply.error().message()};
    ErrorCode again = ErrorCode::none;
    for (const auto& topic : (*reply)->results_by_topic_v3_and_below) {
      for (const auto& result : topic.results_by_partition) {
        const ErrorCode code = result.partition_error_code;
        if (code == ErrorCode::none || code == ErrorCode::operation_not_attempted) continue;
        const std::string reason = words(code, "cannot add " + topic.name + " to a transaction");
        if (lost(code)) return Written{Kind::lost, {}, reason};
        if (passes(code)) {
          again = code;
        } else if (is_target(topic.name)) {
          targets_.forget(topic.name);
          return Written{Kind::target_failed, topic.name, reason};
        } else {
          return Written{Kind::failed, {}, reason};
        }
      }
    }
    if (again == ErrorCode::none) return std::nullopt;
    coordinator_answered(*cluster_, client::CoordinatorKind::transaction, transactional_id_, again);
    if (!patience.wait(again))
      return Written{Kind::failed, {}, words(again, "cannot begin a transaction")};
  }
}

std::optional<Written> KafkaPort::produce(const BatchPlan& plan) {
  std::size_t rounds = 0;
  for (const auto& [place, batches] : plan) rounds = std::max(rounds, batches.batches.size());
  for (std::size_t round = 0; round < rounds; ++round)
    if (auto failed = produce_round(plan, round)) return failed;
  return std::nullopt;
}

/// The `round`-th batch of every partition, all at once.
std::optional<Written> KafkaPort::produce_round(const BatchPlan& plan, std::size_t round) {
  struct Sent {
    TopicPartition place;
    std::int32_t records = 0;
    ByteBuffer bytes;
    Asked<wire::ProduceRequest> asked{};
  };
  std::vector<Sent> all;
  for (const auto& [place, batches] : plan) {
    if (round >= batches.batches.size()) continue;
    const auto& batch = batches.batches[round];
    auto bytes = build_batch(batch,
                             {.producer_id = producer_id_,
                              .producer_epoch = epoch_,
                              .base_sequence = sequences_[place],
                              .transactional = true},
                             clock_.wall_ms());
    if (!bytes) return Written{Kind::failed, {}, bytes.error().message()};
    all.push_back({place, batch.records, std::move(*bytes), {}});
  }
  for (Sent& sent : all) {
    wire::ProduceRequest request;
    request.transactional_id = transactional_id_;
    request.acks = -1;
    request.timeout_ms = static_cast<std::int32_t>(patience_ms);
    wire::ProduceRequest::Topic topic;
    topic.name = sent.place.topic;
    topic.partition_data.push_back({sent.place.partition,
                                    wire::Records::inline_bytes(sent.bytes)});
    request.topic_data.push_back(std::move(topic));
    sent.asked = start_asking(*cluster_, client::Target::leader(sent.place), std::move(request),
                              {.cap = {3, 11}, .timeout_ns = call_ns});
  }
  // Every answer is awaited, also behind a failure: the bytes lie here until they are written.
  std::optional<Written> failed;
  for (Sent& sent : all) {
    const auto reply = answer_of<wire::ProduceRequest>(sent.asked);
    if (!reply) {
      failed = Written{Kind::lost, {}, reply.error().message()};
      continue;
    }
    const auto& answers = (*reply)->responses;
    if (answers.empty() || answers[0].partition_responses.empty()) {
      failed = Written{Kind::lost, {}, "Produce was answered without the partition"};
      continue;
    }
    const auto& answer = answers[0].partition_responses[0];
    if (answer.error_code == ErrorCode::none) {
      sequences_[sent.place] += sent.records;
      if (sent.place == place(Feed::state)) state_next_ = answer.base_offset + sent.records;
      continue;
    }
    leader_answered(*cluster_, sent.place, answer.error_code);
    const std::string reason = client::broker_error(answer.error_code,
                                                    "cannot write to " + sent.place.to_string(),
                                                    answer.error_message).message();
    if (failed && failed->kind == Kind::lost) continue;
    if (lost(answer.error_code) || answer.error_code == ErrorCode::request_timed_out) {
      failed = Written{Kind::lost, {}, reason};
    } else if (is_target(sent.place.topic)) {
      targets_.forget(sent.place.topic);
      failed = Written{Kind::target_failed, sent.place.topic, reason};
    } else if (!failed) {
      failed = Written{Kind::failed, {}, reason};
    }
  }
  return failed;
}

/// The fence of KIP-447, last in every transaction: the group's coordinator refuses it when the
/// member or the generation is not what the group knows.
std::optional<Written> KafkaPort::commit_offset(Offset offset, const Membership& membership) {
  Patience patience(clock_, patience_ms);
  for (bool added = false;;) {
    ErrorCode code = ErrorCode::none;
    if (!added) {
      const auto reply = ask(*cluster_, client::Target::transaction(transactional_id_),
                             wire::AddOffsetsToTxnRequest{.transactional_id = transactional_id_,
                                                          .producer_id = producer_id_,
                                                          .producer_epoch = epoch_,
                                                          .group_id = settings_.group},
                             {.cap = {0, 3}, .timeout_ns = call_ns});
      if (!reply) return Written{Kind::lost, {}, reply.error().message()};
      code = (*reply)->error_code;
      added = code == ErrorCode::none;
      coordinator_answered(*cluster_, client::CoordinatorKind::transaction, transactional_id_,
                           code);
    }
    if (added) {
      wire::TxnOffsetCommitRequest request;
      request.transactional_id = transactional_id_;
      request.group_id = settings_.group;
      request.producer_id = producer_id_;
      request.producer_epoch = epoch_;
      request.generation_id = membership.generation;
      request.member_id = membership.member_id;
      wire::TxnOffsetCommitRequest::Topic topic;
      topic.name = topic::commands;
      topic.partitions.push_back({.partition_index = settings_.partition,
                                  .committed_offset = offset});
      request.topics.push_back(std::move(topic));
      const auto reply = ask(*cluster_, client::Target::group(settings_.group), std::move(request),
                             {.cap = {3, 4}, .timeout_ns = call_ns});
      if (!reply) return Written{Kind::lost, {}, reply.error().message()};
      for (const auto& answer : (*reply)->topics)
        for (const auto& partition : answer.partitions) code = partition.error_code;
      coordinator_answered(*cluster_, client::CoordinatorKind::group, settings_.group, code);
    }
    if (added && code == ErrorCode::none) return std::nullopt;
    const std::string reason = words(code, "cannot commit the position with the transaction");
    if (code == ErrorCode::illegal_generation || code == ErrorCode::rebalance_in_progress)
      return Written{Kind::old_generation, {}, reason};
    if (lost(code)) return Written{Kind::lost, {}, reason};
    if (!passes(code) || !patience.wait(code)) return Written{Kind::failed, {}, reason};
  }
}

Written KafkaPort::end(bool commit) {
  Patience patience(clock_, patience_ms);
  for (;;) {
    const auto reply = ask(*cluster_, client::Target::transaction(transactional_id_),
                           wire::EndTxnRequest{.transactional_id = transactional_id_,
                                               .producer_id = producer_id_,
                                               .producer_epoch = epoch_,
                                               .committed = commit},
                           {.cap = {0, 4}, .timeout_ns = end_call_ns});
    // No answer: it may have happened. The same is asked again, and nothing else.
    const ErrorCode code = reply ? (*reply)->error_code : ErrorCode::network_exception;
    if (code == ErrorCode::none) return {Kind::committed, {}, {}};
    const std::string reason = reply ? words(code, "cannot end a transaction")
                                     : reply.error().message();
    if (reply && !passes(code)) return {Kind::lost, {}, reason};
    if (!reply && reply.error().code() == Errc::cancelled) return {Kind::unresolved, {}, reason};
    coordinator_answered(*cluster_, client::CoordinatorKind::transaction, transactional_id_,
                         reply ? code : ErrorCode::coordinator_not_available);
    if (!patience.wait(code)) return {Kind::unresolved, {}, reason};
  }
}

/// A transaction that is given up is aborted before anything else is said about it; when that is
/// not possible, a takeover finds out.
Written KafkaPort::aborted(Written why) {
  if (why.kind == Kind::lost) return why;
  const Written ended = end(false);
  if (ended.kind == Kind::committed) return why;
  return {Kind::lost, {}, fmt::format("{}; then: {}", why.reason, ended.reason)};
}

}  // namespace horolog::scheduler
