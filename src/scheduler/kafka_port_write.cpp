#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/log.hpp"
#include "client/broker_error.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"
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
  const auto level = on_loop<std::int16_t>(*cluster_, [cluster = cluster_](auto done) {
    done(cluster->feature("transaction.version"));
  });
  if (!level) return {Kind::lost, {}, level.error().message()};
  second_ = *level >= 2;
  if (!second_) {
    if (auto failed = add_partitions(*plan)) return aborted(std::move(*failed));
  }
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
        if (means_lost(code)) return Written{Kind::lost, {}, reason};
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

wire::TxnOffsetCommitRequest KafkaPort::position(Offset offset,
                                                 const Membership& membership) const {
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
                              .committed_offset = offset,
                              .committed_metadata = metadata_});
  request.topics.push_back(std::move(topic));
  return request;
}

void KafkaPort::leave_out_metadata() {
  log::warn("scheduler", "the topics' ids are not committed: topics made anew while no scheduler "
            "runs are noticed by their length only",
            {log::field("partition", settings_.partition), log::field("bytes", metadata_.size()),
             log::field("fix", "a larger offset.metadata.max.bytes (default 4096)")});
  metadata_fits_ = false;
  metadata_.clear();
}

/// The fence of KIP-447, last in every transaction: the group's coordinator refuses it when the
/// member or the generation is not what the group knows. In the second protocol it also adds the
/// group to the transaction.
std::optional<Written> KafkaPort::commit_offset(Offset offset, const Membership& membership) {
  Patience patience(clock_, patience_ms);
  for (bool added = second_;;) {
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
      const auto reply = ask(*cluster_, client::Target::group(settings_.group),
                             position(offset, membership),
                             {.cap = second_ ? wire::VersionRange{5, 5} : wire::VersionRange{3, 4},
                              .timeout_ns = call_ns});
      if (!reply) return Written{Kind::lost, {}, reply.error().message()};
      for (const auto& answer : (*reply)->topics)
        for (const auto& partition : answer.partitions) code = partition.error_code;
      coordinator_answered(*cluster_, client::CoordinatorKind::group, settings_.group, code);
    }
    if (added && code == ErrorCode::none) return std::nullopt;
    if (code == ErrorCode::offset_metadata_too_large && metadata_fits_) {
      leave_out_metadata();
      continue;
    }
    const std::string reason = words(code, "cannot commit the position with the transaction");
    if (code == ErrorCode::illegal_generation || code == ErrorCode::rebalance_in_progress)
      return Written{Kind::old_generation, {}, reason};
    if (means_lost(code)) return Written{Kind::lost, {}, reason};
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
                           {.cap = second_ ? wire::VersionRange{5, 5} : wire::VersionRange{0, 4},
                            .timeout_ns = end_call_ns});
    // No answer: it may have happened. The same is asked again, and nothing else.
    const ErrorCode code = reply ? (*reply)->error_code : ErrorCode::network_exception;
    if (code == ErrorCode::none) {
      if (second_) go_on_as((*reply)->producer_id, (*reply)->producer_epoch);
      return {Kind::committed, {}, {}};
    }
    const std::string reason = reply ? words(code, "cannot end a transaction")
                                     : reply.error().message();
    if (reply && !passes(code)) return {Kind::lost, {}, reason};
    if (!reply && reply.error().code() == Errc::cancelled) return {Kind::unresolved, {}, reason};
    coordinator_answered(*cluster_, client::CoordinatorKind::transaction, transactional_id_,
                         reply ? code : ErrorCode::coordinator_not_available);
    if (!patience.wait(code)) return {Kind::unresolved, {}, reason};
  }
}

/// Every end raises the epoch in the second protocol: what is still under way of the transaction
/// before, on whatever connection, belongs to an epoch that is over.
void KafkaPort::go_on_as(ProducerId id, ProducerEpoch epoch) {
  producer_id_ = id;
  epoch_ = epoch;
  sequences_.clear();
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
