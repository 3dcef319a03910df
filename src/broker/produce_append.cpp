#include "broker/produce_append.hpp"

#include <fmt/format.h>

#include <utility>

#include "broker/topic_manager.hpp"
#include "broker/transaction_service.hpp"

namespace horolog::broker {

using wire::ErrorCode;
using PartitionResponse = wire::ProduceResponse::Partition;

namespace {

constexpr std::int16_t first_version_with_abortable_error = 11;
constexpr std::int16_t first_version_with_epoch_bumps = 12;

/// What Kafka finds before it looks at the log, so that it cannot tell where that starts.
bool is_about_frame(ErrorCode error, ByteView records) {
  constexpr std::size_t magic_at = 16;
  constexpr std::uint8_t current_magic = 2;
  return error == ErrorCode::corrupt_message || error == ErrorCode::message_too_large ||
         error == ErrorCode::unsupported_compression_type || records.size() <= magic_at ||
         static_cast<std::uint8_t>(records[magic_at]) != current_magic;
}

PartitionResponse refuse_at(const Partition& partition, ErrorCode error, ByteView records,
                            std::string message = {}) {
  PartitionResponse answer = refuse_produce(partition.id().partition, error, std::move(message));
  if (!is_about_frame(error, records)) {
    answer.log_start_offset = partition.log().log_start_offset();
  }
  return answer;
}

ErrorCode code_of(const Error& error) {
  switch (error.code()) {
    case Errc::closed:
      return ErrorCode::unknown_topic_or_partition;
    case Errc::too_large:
      return ErrorCode::record_list_too_large;
    default:
      return ErrorCode::kafka_storage_error;
  }
}

/// Producers know few errors of coordinators: what passes by itself is to be tried again.
ErrorCode known_to_producers(ErrorCode verdict) {
  switch (verdict) {
    case ErrorCode::concurrent_transactions:
    case ErrorCode::coordinator_load_in_progress:
    case ErrorCode::coordinator_not_available:
      return ErrorCode::not_enough_replicas;
    case ErrorCode::producer_fenced:
      return ErrorCode::invalid_producer_epoch;
    default:
      return verdict;
  }
}

}  // namespace

PartitionResponse refuse_produce(PartitionIndex index, ErrorCode error, std::string message) {
  PartitionResponse answer;
  answer.index = index;
  answer.error_code = error;
  answer.base_offset = no_offset;
  if (!message.empty()) answer.error_message = std::move(message);
  return answer;
}

ProduceAppender::ProduceAppender(Context& context, std::int16_t version, std::int16_t acks,
                                 bool has_transactional_id)
    : context_(context),
      version_(version),
      acks_(acks),
      has_transactional_id_(has_transactional_id),
      now_(context.clock.wall_ms()),
      has_room_(context.store.disk_has_room()) {}

Produced ProduceAppender::append(const std::string& topic,
                                 const wire::ProduceRequest::Partition& data) {
  const auto refused = [&](ErrorCode error, std::string message) {
    return Produced{refuse_produce(data.index, error, std::move(message)), nullptr, {}, {}};
  };
  const auto partition = context_.partitions.find(topic, data.index);
  if (partition == nullptr) return {missing(topic, data.index), nullptr, {}, {}};
  if (is_internal_topic(topic)) {
    return refused(ErrorCode::invalid_topic_exception,
                   fmt::format("The topic '{}' is internal: clients cannot write to it.", topic));
  }
  if (!has_room_) {
    return refused(ErrorCode::kafka_storage_error,
                   "The disk is below horolog.disk.low.bytes: free space, or lower retention.");
  }
  auto accepted = accept_batch(data.records.bytes, version_, *partition->log().config(), now_);
  if (accepted.error != ErrorCode::none) {
    context_.metrics.invalid_batches.add();
    PartitionResponse answer =
        refuse_at(*partition, accepted.error, data.records.bytes, std::move(accepted.message));
    for (record::RecordFault& fault : accepted.records) {
      answer.record_errors.push_back(
          {.batch_index = fault.index, .batch_index_error_message = std::move(fault.message)});
    }
    return {std::move(answer), nullptr, {}, {}};
  }
  const record::BatchView& batch = accepted.batch;
  if (!batch.is_transactional()) return append_accepted(partition, batch, {});
  if (!has_transactional_id_) {
    return refused(ErrorCode::transactional_id_authorization_failed,
                   "The batch is transactional and the request names no transactional id.");
  }
  if (!context_.transactions.ready()) {
    return refused(ErrorCode::not_enough_replicas,
                   "The transactions are still being loaded: try again.");
  }
  return append_or_verify(partition, std::move(accepted));
}

Produced ProduceAppender::append_or_verify(const std::shared_ptr<Partition>& partition,
                                           AcceptedBatch accepted) {
  const record::BatchView& batch = accepted.batch;
  const auto token = partition->log().begin_verification(
      batch.producer_id(), batch.producer_epoch(), batch.base_sequence(),
      version_ >= first_version_with_epoch_bumps);
  if (!token) return append_accepted(partition, batch, {});
  return {{}, partition, {}, UnverifiedBatch{std::move(accepted), *token}};
}

Produced ProduceAppender::append_verified(const std::shared_ptr<Partition>& partition,
                                          UnverifiedBatch batch, ErrorCode verdict,
                                          bool may_ask_again) {
  if (verdict == ErrorCode::none) {
    Produced produced = append_accepted(partition, batch.accepted.batch, batch.token);
    const ErrorCode error = produced.answer.error_code;
    if (error != spelled(ErrorCode::invalid_txn_state) || !may_ask_again) return produced;
    return append_or_verify(partition, std::move(batch.accepted));
  }
  context_.transactions.metrics().unverified_batches.add();
  return {refuse_produce(partition->id().partition, spelled(known_to_producers(verdict)),
                         fmt::format("The partition is not part of the transaction: {}.",
                                     wire::to_string(verdict))),
          nullptr,
          {},
          {}};
}

ErrorCode ProduceAppender::spelled(ErrorCode error) const {
  if (error != ErrorCode::invalid_txn_state && error != ErrorCode::transaction_abortable) {
    return error;
  }
  return version_ >= first_version_with_abortable_error ? ErrorCode::transaction_abortable
                                                        : ErrorCode::invalid_txn_state;
}

Produced ProduceAppender::append_accepted(const std::shared_ptr<Partition>& partition,
                                          const record::BatchView& batch,
                                          std::optional<storage::VerificationToken> token) {
  const PartitionIndex index = partition->id().partition;
  const auto config = partition->log().config();
  const bool commits = acks_ == -1 && config->durability == storage::Durability::commit;
  // The request asks for the syncs when all of its batches are in: one group commit for all.
  auto info = partition->append(batch.bytes(), storage::Origin::client, now_,
                                commits ? Urgency::announced : Urgency::later, token);
  if (!info) {
    return {refuse_produce(index, code_of(info.error()), info.error().message()), nullptr, {}, {}};
  }
  if (info->error != ErrorCode::none) {
    const ErrorCode error = batch.is_transactional() ? spelled(info->error) : info->error;
    return {refuse_at(*partition, error, batch.bytes()), nullptr, {}, {}};
  }
  if (info->duplicate) {
    context_.metrics.duplicate_batches.add();
  } else {
    context_.metrics.batches_in.add();
    context_.metrics.records_in.add(static_cast<std::uint64_t>(batch.record_count()));
    context_.metrics.bytes_in.add(batch.size());
  }
  Produced produced;
  produced.partition = partition;
  // flush.messages: as in Kafka, the append that reaches it is answered after the sync.
  const bool flushes = acks_ != 0 && info->last_offset + 1 - partition->log().durable_offset() >=
                                         config->flush_messages;
  if (commits || flushes) produced.durable_end = info->last_offset + 1;
  produced.answer.index = index;
  produced.answer.base_offset = info->base_offset;
  produced.answer.log_append_time_ms = info->append_time;
  produced.answer.log_start_offset = info->log_start_offset;
  return produced;
}

PartitionResponse ProduceAppender::missing(const std::string& topic, PartitionIndex index) const {
  if (context_.store.quarantine_reason({topic, index})) {
    return refuse_produce(index, ErrorCode::kafka_storage_error,
                          "The partition is damaged and offline.");
  }
  return refuse_produce(index, ErrorCode::unknown_topic_or_partition);
}

}  // namespace horolog::broker
