// Produce 3–13 (advertised from 0: KAFKA-18659). acks=all answers after the group commit of every
// partition it wrote to; acks=1 after the append; acks=0 never.

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "broker/batch_rules.hpp"
#include "broker/handlers.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/messages/produce.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using PartitionResponse = wire::ProduceResponse::Partition;

constexpr std::int16_t first_version_with_topic_ids = 13;
constexpr std::int16_t first_version_with_abortable_error = 11;

struct Awaited {
  std::shared_ptr<Partition> partition;
  Offset end = 0;
  std::size_t topic = 0;  ///< where its answer stands in the response
  std::size_t index = 0;
};

/// A produce request whose appends are done and whose syncs are not. Lives on the connection's
/// shard.
struct PendingProduce {
  Request request;
  wire::ProduceResponse response;
  std::size_t waiting = 0;

  void finished(const Awaited& awaited, bool durable) {
    if (!durable) {
      PartitionResponse& answer =
          response.responses[awaited.topic].partition_responses[awaited.index];
      answer.error_code = ErrorCode::kafka_storage_error;
      answer.base_offset = no_offset;
    }
    if (--waiting == 0) request.reply(response);
  }
};

PartitionResponse refuse(PartitionIndex index, ErrorCode error, std::string message = {}) {
  PartitionResponse answer;
  answer.index = index;
  answer.error_code = error;
  answer.base_offset = no_offset;
  if (!message.empty()) answer.error_message = std::move(message);
  return answer;
}

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
  PartitionResponse answer = refuse(partition.id().partition, error, std::move(message));
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

class Producing {
 public:
  Producing(Context& context, Request& request, std::int16_t acks)
      : context_(context),
        request_(request),
        acks_(acks),
        now_(context.clock.wall_ms()),
        has_room_(context.store.disk_has_room()) {}

  PartitionResponse append(const std::string& topic, const wire::ProduceRequest::Partition& data) {
    const auto partition = context_.partitions.find(topic, data.index);
    if (partition == nullptr) return missing(topic, data.index);
    if (is_internal_topic(topic)) {
      return refuse(data.index, ErrorCode::invalid_topic_exception,
                    fmt::format("The topic '{}' is internal: clients cannot write to it.", topic));
    }
    if (!has_room_) return out_of_space(data.index);
    const auto config = partition->log().config();
    auto accepted = accept_batch(data.records.bytes, request_.version(), *config, now_);
    if (accepted.error == ErrorCode::none && accepted.batch.is_transactional()) {
      accepted.error = request_.version() >= first_version_with_abortable_error
                           ? ErrorCode::transaction_abortable
                           : ErrorCode::invalid_txn_state;
      accepted.message = "The batch is transactional, but its transaction is not registered.";
    }
    if (accepted.error != ErrorCode::none) {
      context_.metrics.invalid_batches.add();
      PartitionResponse answer =
          refuse_at(*partition, accepted.error, data.records.bytes, std::move(accepted.message));
      for (record::RecordFault& fault : accepted.records) {
        answer.record_errors.push_back(
            {.batch_index = fault.index, .batch_index_error_message = std::move(fault.message)});
      }
      return answer;
    }
    return append_accepted(*partition, accepted.batch, *config);
  }

  std::vector<std::pair<std::shared_ptr<Partition>, Offset>>& appended() { return appended_; }

 private:
  PartitionResponse append_accepted(Partition& partition, const record::BatchView& batch,
                                    const storage::LogConfig& config) {
    const PartitionIndex index = partition.id().partition;
    const bool commits = acks_ == -1 && config.durability == storage::Durability::commit;
    auto info = partition.append(batch.bytes(), storage::Origin::client, now_, commits);
    if (!info) return refuse(index, code_of(info.error()), info.error().message());
    if (info->error != ErrorCode::none) return refuse_at(partition, info->error, batch.bytes());
    if (info->duplicate) {
      context_.metrics.duplicate_batches.add();
    } else {
      context_.metrics.batches_in.add();
      context_.metrics.records_in.add(static_cast<std::uint64_t>(batch.record_count()));
      context_.metrics.bytes_in.add(batch.size());
    }
    // flush.messages: as in Kafka, the append that reaches it is answered after the sync.
    const bool flushes = acks_ != 0 && info->last_offset + 1 - partition.log().durable_offset() >=
                                           config.flush_messages;
    if (commits || flushes)
      appended_.emplace_back(partition.shared_from_this(), info->last_offset + 1);
    PartitionResponse answer;
    answer.index = index;
    answer.base_offset = info->base_offset;
    answer.log_append_time_ms = info->append_time;
    answer.log_start_offset = info->log_start_offset;
    return answer;
  }

  PartitionResponse missing(const std::string& topic, PartitionIndex index) const {
    if (context_.store.quarantine_reason({topic, index})) {
      return refuse(index, ErrorCode::kafka_storage_error, "The partition is damaged and offline.");
    }
    return refuse(index, ErrorCode::unknown_topic_or_partition);
  }

  PartitionResponse out_of_space(PartitionIndex index) const {
    return refuse(index, ErrorCode::kafka_storage_error,
                  "The disk is below horolog.disk.low.bytes: free space, or lower retention.");
  }

  Context& context_;
  Request& request_;
  std::int16_t acks_;
  TimestampMs now_;
  bool has_room_;
  std::vector<std::pair<std::shared_ptr<Partition>, Offset>> appended_;
};

bool any_error(const wire::ProduceResponse& response) {
  for (const auto& topic : response.responses) {
    for (const PartitionResponse& answer : topic.partition_responses) {
      if (answer.error_code != ErrorCode::none) return true;
    }
  }
  return false;
}

void answer_invalid_acks(Request request, const wire::ProduceRequest& asked) {
  wire::ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    for (const auto& data : topic.partition_data) {
      out.partition_responses.push_back(refuse(data.index, ErrorCode::invalid_required_acks));
    }
  }
  request.reply(response);
}

void finish(Request request, wire::ProduceResponse response, std::vector<Awaited> awaited,
            std::int16_t acks) {
  if (acks == 0) {
    // Nobody listens for the error: closing makes the client look again (as Kafka does).
    if (any_error(response)) {
      request.close("a produce request with acks=0 failed");
    } else {
      request.reply_nothing();
    }
    return;
  }
  if (awaited.empty()) {
    request.reply(response);
    return;
  }
  net::Shard& shard = request.connection->shard;
  request.release_bytes();
  auto pending = std::make_shared<PendingProduce>();
  pending->request = std::move(request);
  pending->response = std::move(response);
  pending->waiting = awaited.size();
  for (Awaited& one : awaited) {
    Partition& partition = *one.partition;
    const Offset end = one.end;
    partition.when_durable(end, shard, [pending, one = std::move(one)](bool durable) {
      pending->finished(one, durable);
    });
  }
}

}  // namespace

void handle_produce(Context& context, Request request) {
  auto asked = request.decode<wire::ProduceRequest>();
  if (!asked) return;
  if (asked->acks < -1 || asked->acks > 1) {
    answer_invalid_acks(std::move(request), *asked);
    return;
  }
  const auto catalog = context.catalog();
  Producing producing(context, request, asked->acks);
  wire::ProduceResponse response;
  std::vector<Awaited> awaited;
  for (auto& topic : asked->topic_data) {
    auto& out = response.responses.emplace_back();
    out.topic_id = topic.topic_id;
    std::string name = std::move(topic.name);
    if (request.version() >= first_version_with_topic_ids) {
      const auto info = catalog->find(topic.topic_id);
      name = info ? info->name : std::string();
    }
    for (const auto& data : topic.partition_data) {
      if (name.empty()) {
        out.partition_responses.push_back(refuse(data.index, ErrorCode::unknown_topic_id));
        continue;
      }
      const std::size_t before = producing.appended().size();
      out.partition_responses.push_back(producing.append(name, data));
      if (producing.appended().size() == before) continue;
      auto& [partition, end] = producing.appended().back();
      awaited.push_back(
          {partition, end, response.responses.size() - 1, out.partition_responses.size() - 1});
    }
    out.name = std::move(name);
  }
  finish(std::move(request), std::move(response), std::move(awaited), asked->acks);
}

}  // namespace horolog::broker
