#include <algorithm>
#include <map>
#include <utility>

#include "client/loop.hpp"
#include "client/producer_core.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/txn_offset_commit.hpp"

/// What the transaction machine asks for, as messages to coordinators.
namespace horolog::client {
namespace {

using Answer = TransactionMachine::Answer;
using wire::ErrorCode;

/// Of the partitions' codes, the one that decides: one that passes gives way to one that does not.
void worse(ErrorCode& so_far, ErrorCode code) {
  if (code == ErrorCode::none || code == ErrorCode::operation_not_attempted) return;
  if (so_far == ErrorCode::none || wire::is_retriable(so_far)) so_far = code;
}

Answer read_init(const wire::InitProducerIdResponse& answer) {
  return {answer.error_code, answer.producer_id, answer.producer_epoch};
}

Answer read_added(const wire::AddPartitionsToTxnResponse& answer) {
  ErrorCode code = answer.error_code;
  for (const auto& topic : answer.results_by_topic_v3_and_below) {
    for (const auto& each : topic.results_by_partition) worse(code, each.partition_error_code);
  }
  return {.code = code};
}

Answer read_offsets_added(const wire::AddOffsetsToTxnResponse& answer) {
  return {.code = answer.error_code};
}

Answer read_committed(const wire::TxnOffsetCommitResponse& answer) {
  ErrorCode code = ErrorCode::none;
  for (const auto& topic : answer.topics) {
    for (const auto& each : topic.partitions) worse(code, each.error_code);
  }
  return {.code = code};
}

Answer read_ended(const wire::EndTxnResponse& answer) {
  return {answer.error_code, answer.producer_id, answer.producer_epoch};
}

bool is_about_coordinator(ErrorCode code) {
  return code == ErrorCode::not_coordinator || code == ErrorCode::coordinator_not_available;
}

}  // namespace

CallOptions ProducerCore::transaction_call(std::int16_t min, std::int16_t max) const {
  const MonoNs request = to_ns(options_.client.request_timeout);
  const MonoNs left = machine_.due() == 0 ? request : machine_.due() - now();
  return {.cap = {min, max}, .timeout_ns = std::clamp<MonoNs>(left, 1, request)};
}

template <typename R>
void ProducerCore::call_coordinator(
    CoordinatorKind kind, const std::string& key, R message, CallOptions options,
    TransactionMachine::Answer (*read)(const typename wire::ResponseOf<R>::type&)) {
  using M = typename wire::ResponseOf<R>::type;
  auto sent = std::make_shared<bool>(false);
  auto held = std::make_shared<R>(std::move(message));
  cluster_->call<R>(
      Target::coordinator(kind, key),
      [sent, held](std::int16_t) {
        *sent = true;
        return Outgoing<R>(std::move(*held));
      },
      options, [self = shared_from_this(), sent, kind, key, read](Result<Reply<M>> reply) {
        if (self->closed_) return;
        if (reply) {
          const Answer answer = read(reply->message);
          if (is_about_coordinator(answer.code)) self->cluster_->coordinator_failed(kind, key);
          self->machine_.answered(answer, self->now());
        } else {
          self->cluster_->coordinator_failed(kind, key);
          self->machine_.lost(reply.error(), *sent, self->now());
        }
        self->pump();
      });
}

void ProducerCore::send_request(const txn::Request& what) {
  std::visit([this](const auto& each) { request(each); }, what);
}

void ProducerCore::request(const txn::Init& init) {
  wire::InitProducerIdRequest message;
  message.transactional_id = options_.transactional_id;
  message.transaction_timeout_ms =
      static_cast<std::int32_t>(options_.transaction_timeout.count());
  message.producer_id = init.producer_id;
  message.producer_epoch = init.epoch;
  // Raising an epoch without saying which one would let a fenced producer back in (KIP-360).
  const std::int16_t min = init.producer_id == no_producer_id ? 0 : 3;
  call_coordinator(CoordinatorKind::transaction, options_.transactional_id, std::move(message),
                   transaction_call(min, 5), read_init);
}

void ProducerCore::request(const txn::AddPartitions& add) {
  wire::AddPartitionsToTxnRequest message;
  message.v3_and_below_transactional_id = options_.transactional_id;
  message.v3_and_below_producer_id = machine_.producer_id();
  message.v3_and_below_producer_epoch = machine_.epoch();
  for (const TopicPartition& each : add.partitions) {
    auto& topics = message.v3_and_below_topics;
    if (topics.empty() || topics.back().name != each.topic) topics.push_back({.name = each.topic});
    topics.back().partitions.push_back(each.partition);
  }
  call_coordinator(CoordinatorKind::transaction, options_.transactional_id, std::move(message),
                   transaction_call(0, 3), read_added);
}

void ProducerCore::request(const txn::AddOffsets& add) {
  wire::AddOffsetsToTxnRequest message;
  message.transactional_id = options_.transactional_id;
  message.producer_id = machine_.producer_id();
  message.producer_epoch = machine_.epoch();
  message.group_id = add.group;
  call_coordinator(CoordinatorKind::transaction, options_.transactional_id, std::move(message),
                   transaction_call(0, 4), read_offsets_added);
}

void ProducerCore::request(const txn::CommitOffsets& commit) {
  wire::TxnOffsetCommitRequest message;
  message.transactional_id = options_.transactional_id;
  message.group_id = commit.group.group;
  message.producer_id = machine_.producer_id();
  message.producer_epoch = machine_.epoch();
  message.generation_id = commit.group.generation;
  message.member_id = commit.group.member_id;
  message.group_instance_id = commit.group.instance_id;
  std::map<std::string, std::vector<const OffsetToCommit*>> by_topic;
  for (const OffsetToCommit& each : commit.offsets) by_topic[each.partition.topic].push_back(&each);
  for (const auto& [topic, offsets] : by_topic) {
    message.topics.push_back({.name = topic});
    for (const OffsetToCommit* each : offsets) {
      message.topics.back().partitions.push_back({.partition_index = each->partition.partition,
                                                  .committed_offset = each->offset,
                                                  .committed_leader_epoch = each->leader_epoch,
                                                  .committed_metadata = each->metadata});
    }
  }
  // Before version 3 a member could not be told, and would not be checked.
  const bool member = commit.group.generation >= 0 || !commit.group.member_id.empty() ||
                      commit.group.instance_id.has_value();
  const std::int16_t first = member ? 3 : 0;
  const bool second = machine_.second_protocol();
  call_coordinator(CoordinatorKind::group, commit.group.group, std::move(message),
                   second ? transaction_call(5, 5) : transaction_call(first, 4), read_committed);
}

void ProducerCore::request(const txn::End& end) {
  wire::EndTxnRequest message;
  message.transactional_id = options_.transactional_id;
  message.producer_id = machine_.producer_id();
  message.producer_epoch = machine_.epoch();
  message.committed = end.commit;
  const bool second = machine_.second_protocol();
  call_coordinator(CoordinatorKind::transaction, options_.transactional_id, std::move(message),
                   second ? transaction_call(5, 5) : transaction_call(0, 4), read_ended);
}

}  // namespace horolog::client
