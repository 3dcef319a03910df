#include "bench/load/txn_producer.hpp"

#include <algorithm>
#include <utility>

#include "protocol/codec.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "record/batch.hpp"

namespace horolog::bench {
namespace {

using wire::ErrorCode;

constexpr std::int16_t add_partitions_version = 3;
constexpr std::int16_t add_offsets_version = 3;

/// The last version without, and the first with, what the second protocol of transactions adds.
struct Versions {
  std::int16_t produce;
  std::int16_t commit_offsets;
  std::int16_t end;
};
constexpr Versions first_protocol{.produce = 11, .commit_offsets = 4, .end = 4};
constexpr Versions second_protocol{.produce = 12, .commit_offsets = 5, .end = 5};

const Versions& versions_of(const TxnPlan& plan) {
  return plan.protocol == 1 ? first_protocol : second_protocol;
}

template <typename Request>
ByteBuffer frame_of(const Request& request, std::int16_t version) {
  return wire::encode_request(request, version, 1, "horolog-bench").bytes;
}

template <typename Response>
Result<Response> decode_answer(ByteView frame, std::int16_t version) {
  HOROLOG_ASSIGN(const auto parts,
                 wire::decode_response_frame(frame, Response::api, version));
  return wire::decode<Response>(parts.body, version);
}

ErrorCode first_of(const wire::AddPartitionsToTxnResponse& answer) {
  for (const auto& topic : answer.results_by_topic_v3_and_below) {
    for (const auto& partition : topic.results_by_partition) {
      if (partition.partition_error_code != ErrorCode::none) return partition.partition_error_code;
    }
  }
  return ErrorCode::none;
}

ErrorCode first_of(const wire::ProduceResponse& answer) {
  for (const auto& topic : answer.responses) {
    for (const auto& partition : topic.partition_responses) {
      if (partition.error_code != ErrorCode::none) return partition.error_code;
    }
  }
  return ErrorCode::none;
}

ErrorCode first_of(const wire::TxnOffsetCommitResponse& answer) {
  for (const auto& topic : answer.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::none) return partition.error_code;
    }
  }
  return ErrorCode::none;
}

/// The coordinator is busy with the transaction before, or a new topic's leader does not know yet
/// that it is one.
bool passes_by_itself(ErrorCode error) {
  return error == ErrorCode::concurrent_transactions || error == ErrorCode::not_enough_replicas ||
         error == ErrorCode::not_leader_or_follower ||
         error == ErrorCode::unknown_topic_or_partition ||
         error == ErrorCode::coordinator_load_in_progress ||
         error == ErrorCode::coordinator_not_available;
}

}  // namespace

TxnProducer::TxnProducer(const TxnPlan& plan, std::string transactional_id, ByteBuffer batch,
                         ProducerId id, ProducerEpoch epoch)
    : plan_(plan),
      transactional_id_(std::move(transactional_id)),
      batches_(plan.partitions.size(), batch),
      id_(id),
      epoch_(epoch),
      sequences_(plan.partitions.size(), 0),
      step_(first_step()) {}

const char* TxnProducer::step_name() const {
  switch (step_) {
    case Step::add_partitions: return "AddPartitionsToTxn";
    case Step::produce: return "Produce";
    case Step::add_offsets: return "AddOffsetsToTxn";
    case Step::commit_offsets: return "TxnOffsetCommit";
    case Step::end: break;
  }
  return "EndTxn";
}

TxnProducer::Step TxnProducer::following(Step step) const {
  switch (step) {
    case Step::add_partitions: return Step::produce;
    case Step::produce:
      if (plan_.group.empty()) return Step::end;
      return plan_.protocol == 1 ? Step::add_offsets : Step::commit_offsets;
    case Step::add_offsets: return Step::commit_offsets;
    case Step::commit_offsets: return Step::end;
    case Step::end: break;
  }
  return first_step();
}

ByteBuffer TxnProducer::request() {
  switch (step_) {
    case Step::add_partitions: {
      wire::AddPartitionsToTxnRequest request;
      request.v3_and_below_transactional_id = transactional_id_;
      request.v3_and_below_producer_id = id_;
      request.v3_and_below_producer_epoch = epoch_;
      request.v3_and_below_topics.push_back({plan_.topic, plan_.partitions});
      return frame_of(request, add_partitions_version);
    }
    case Step::produce: return produce_request();
    case Step::add_offsets:
      return frame_of(wire::AddOffsetsToTxnRequest{.transactional_id = transactional_id_,
                                                   .producer_id = id_,
                                                   .producer_epoch = epoch_,
                                                   .group_id = plan_.group},
                      add_offsets_version);
    case Step::commit_offsets: return commit_offsets_request();
    case Step::end: break;
  }
  return frame_of(wire::EndTxnRequest{.transactional_id = transactional_id_,
                                      .producer_id = id_,
                                      .producer_epoch = epoch_,
                                      .committed = true},
                  versions_of(plan_).end);
}

ByteBuffer TxnProducer::produce_request() {
  wire::ProduceRequest request;
  request.transactional_id = transactional_id_;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& topic = request.topic_data.emplace_back();
  topic.name = plan_.topic;
  for (std::size_t n = 0; n < batches_.size(); ++n) {
    const MutableBytes batch(batches_[n]);
    store_be(batch.data() + record::layout::producer_id, id_);
    store_be(batch.data() + record::layout::producer_epoch, epoch_);
    store_be(batch.data() + record::layout::base_sequence, sequences_[n]);
    record::seal_crc(batch);
    topic.partition_data.push_back(
        {.index = plan_.partitions[n], .records = wire::Records::inline_bytes(batches_[n])});
  }
  return frame_of(request, versions_of(plan_).produce);
}

ByteBuffer TxnProducer::commit_offsets_request() const {
  wire::TxnOffsetCommitRequest request;
  request.transactional_id = transactional_id_;
  request.group_id = plan_.group;
  request.producer_id = id_;
  request.producer_epoch = epoch_;
  auto& topic = request.topics.emplace_back();
  topic.name = plan_.topic;
  topic.partitions.push_back(
      {.partition_index = plan_.partitions.front(), .committed_offset = offset_});
  return frame_of(request, versions_of(plan_).commit_offsets);
}

ErrorCode TxnProducer::read(ByteView frame) {
  const auto code = [](const auto& answer, auto&& take) {
    return answer ? take(*answer) : ErrorCode::unknown_server_error;
  };
  const auto top = [](const auto& answer) { return answer.error_code; };
  const auto first = [](const auto& answer) { return first_of(answer); };
  switch (step_) {
    case Step::add_partitions:
      return code(
          decode_answer<wire::AddPartitionsToTxnResponse>(frame, add_partitions_version), first);
    case Step::produce:
      return code(decode_answer<wire::ProduceResponse>(frame, versions_of(plan_).produce), first);
    case Step::add_offsets:
      return code(decode_answer<wire::AddOffsetsToTxnResponse>(frame, add_offsets_version), top);
    case Step::commit_offsets:
      return code(decode_answer<wire::TxnOffsetCommitResponse>(
                      frame, versions_of(plan_).commit_offsets), first);
    case Step::end: break;
  }
  const auto ended = decode_answer<wire::EndTxnResponse>(frame, versions_of(plan_).end);
  if (!ended || ended->error_code != ErrorCode::none) return code(ended, top);
  ++offset_;
  if (plan_.protocol == 1) {
    for (std::int32_t& sequence : sequences_) sequence += plan_.records_per_batch;
    return ErrorCode::none;
  }
  id_ = ended->producer_id;
  epoch_ = ended->producer_epoch;
  std::fill(sequences_.begin(), sequences_.end(), 0);
  return ErrorCode::none;
}

TxnProducer::Outcome TxnProducer::on_response(ByteView frame) {
  error_ = read(frame);
  if (passes_by_itself(error_)) return Outcome::retry;
  if (error_ != ErrorCode::none) return Outcome::failed;
  const bool ended = step_ == Step::end;
  step_ = following(step_);
  return ended ? Outcome::committed : Outcome::next;
}

}  // namespace horolog::bench
