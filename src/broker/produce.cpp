// Produce 3–13 (advertised from 0: KAFKA-18659). acks=all answers after the group commit of every
// partition it wrote to; acks=1 after the append; acks=0 never. The batch that begins a transaction
// in a partition is verified with the transaction's coordinator before it is appended; from version
// 12 on that adds the partition to the transaction (KIP-890).

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "broker/handlers.hpp"
#include "broker/produce_append.hpp"
#include "broker/refusals.hpp"
#include "broker/transaction_calls.hpp"
#include "protocol/messages/produce.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using PartitionResponse = wire::ProduceResponse::Partition;

constexpr std::int16_t first_version_with_topic_ids = 13;
constexpr std::int16_t first_version_that_adds_partitions = 12;
/// How often the coordinator is asked when the end of the last transaction comes in between.
constexpr int most_rounds = 3;

/// Where the answer for a partition stands in the response.
struct Place {
  std::size_t topic = 0;
  std::size_t index = 0;
};

struct Awaited {
  std::shared_ptr<Partition> partition;
  Offset end = 0;
  Place place;
};

struct Unverified {
  std::shared_ptr<Partition> partition;
  UnverifiedBatch batch;
  Place place;
};

/// One produce request, until it is answered. Lives on the connection's shard.
class Production : public std::enable_shared_from_this<Production> {
 public:
  Production(Context& context, Request request, wire::ProduceRequest asked)
      : context_(context),
        request_(std::move(request)),
        asked_(std::move(asked)),
        appender_(context, request_.version(), asked_.acks, asked_.transactional_id.has_value()) {}

  void begin() {
    const auto catalog = context_.catalog();
    for (auto& topic : asked_.topic_data) {
      auto& out = response_.responses.emplace_back();
      out.topic_id = topic.topic_id;
      std::string name = std::move(topic.name);
      if (request_.version() >= first_version_with_topic_ids) {
        const auto info = catalog->find(topic.topic_id);
        name = info ? info->name : std::string();
      }
      for (const auto& data : topic.partition_data) {
        const Place place{response_.responses.size() - 1, out.partition_responses.size()};
        out.partition_responses.emplace_back();
        if (name.empty()) {
          answer_at(place) = refuse_produce(data.index, ErrorCode::unknown_topic_id);
        } else {
          Produced produced = appender_.append(name, data);
          tell({name, data.index}, produced.answer);
          take(place, std::move(produced));
        }
      }
      out.name = std::move(name);
    }
    if (unverified_.empty()) {
      finish();
    } else {
      verify();
    }
  }

 private:
  PartitionResponse& answer_at(Place place) {
    return response_.responses[place.topic].partition_responses[place.index];
  }

  void take(Place place, Produced produced) {
    if (produced.unverified) {
      unverified_.push_back(
          {std::move(produced.partition), std::move(*produced.unverified), place});
      return;
    }
    answer_at(place) = std::move(produced.answer);
    if (produced.durable_end) {
      awaited_.push_back({std::move(produced.partition), *produced.durable_end, place});
    }
  }

  /// A line for a batch that could not be taken because of what it is or who sent it.
  void tell(const TopicPartition& partition, const PartitionResponse& answer) {
    if (!is_clients_fault(answer.error_code)) return;
    std::string reason = answer.error_message.value_or(
        answer.error_code == ErrorCode::invalid_producer_epoch
            ? "a newer producer has the producer id: this one is fenced"
            : "the batch is not part of its transaction");
    if (!answer.record_errors.empty()) {
      const auto& first = answer.record_errors.front();
      reason += fmt::format(" Record {}: {}", first.batch_index,
                            first.batch_index_error_message.value_or(""));
    }
    if (asked_.transactional_id) {
      reason += fmt::format(" (transactional id '{}')", *asked_.transactional_id);
    }
    if (answer.error_code == ErrorCode::invalid_producer_epoch) {
      context_.transactions.metrics().fenced_requests.add();
    }
    log_refused(context_, {wire::ApiKey::produce, request_.who(), "partition",
                           partition.to_string(), answer.error_code, std::move(reason)});
  }

  /// One producer writes one request. What was appended already stays: batches of one partition
  /// keep their order, because each partition waits for the same coordinator or for none.
  void verify() {
    const record::BatchView& first = unverified_.front().batch.accepted.batch;
    const coordinator::TransactionalProducer producer{
        *asked_.transactional_id, first.producer_id(), first.producer_epoch()};
    std::vector<TopicPartition> partitions;
    for (const Unverified& one : unverified_) {
      const record::BatchView& batch = one.batch.accepted.batch;
      partitions.push_back(one.partition->id());
      if (batch.producer_id() == producer.producer_id) continue;
      return verified(producer, {std::vector<ErrorCode>(unverified_.size(),
                                                        ErrorCode::invalid_producer_id_mapping),
                                 nullptr, 0});
    }
    const bool add = request_.version() >= first_version_that_adds_partitions;
    context_.transactions.authorize(
        producer, std::move(partitions), add, caller_of(request_),
        [self = shared_from_this(), producer](Authorization given) {
          self->request_.connection->shard.post([self, producer, given = std::move(given)] {
            self->verified(producer, given);
          });
        });
  }

  void verified(const coordinator::TransactionalProducer& producer, const Authorization& given) {
    auto asked_for = std::exchange(unverified_, {});
    const bool may_ask_again = ++rounds_ < most_rounds;
    for (std::size_t i = 0; i < asked_for.size(); ++i) {
      Unverified& one = asked_for[i];
      const ErrorCode verdict = given.errors[i];
      const TopicPartition id = one.partition->id();
      Produced produced = appender_.append_verified(one.partition, std::move(one.batch), verdict,
                                                    may_ask_again);
      if (verdict == ErrorCode::none) {
        tell(id, produced.answer);
      } else {
        log_refusal(context_, wire::ApiKey::produce, request_.who(), producer, verdict);
      }
      take(one.place, std::move(produced));
      // The batch counts when its registration does.
      if (verdict == ErrorCode::none && asked_.acks == -1) {
        awaited_.push_back({given.log, given.end, one.place});
      }
    }
    if (unverified_.empty()) {
      finish();
    } else {
      verify();
    }
  }

  void finish() {
    if (asked_.acks == 0) {
      // Nobody listens for the error: closing makes the client look again (as Kafka does).
      if (any_error()) {
        request_.close("a produce request with acks=0 failed");
      } else {
        request_.reply_nothing();
      }
      return;
    }
    if (awaited_.empty()) return request_.reply(response_);
    request_.release_bytes();
    waiting_ = awaited_.size();
    for (Awaited& one : std::exchange(awaited_, {})) {
      Partition& partition = *one.partition;
      partition.when_durable(one.end, request_.connection->shard,
                             [self = shared_from_this(), place = one.place](bool durable) {
                               self->finished(place, durable);
                             });
    }
  }

  void finished(Place place, bool durable) {
    if (!durable) {
      PartitionResponse& answer = answer_at(place);
      answer.error_code = ErrorCode::kafka_storage_error;
      answer.base_offset = no_offset;
    }
    if (--waiting_ == 0) request_.reply(response_);
  }

  bool any_error() const {
    for (const auto& topic : response_.responses) {
      for (const PartitionResponse& answer : topic.partition_responses) {
        if (answer.error_code != ErrorCode::none) return true;
      }
    }
    return false;
  }

  Context& context_;
  Request request_;
  wire::ProduceRequest asked_;
  ProduceAppender appender_;
  wire::ProduceResponse response_;
  std::vector<Unverified> unverified_;
  std::vector<Awaited> awaited_;
  std::size_t waiting_ = 0;
  int rounds_ = 0;  ///< of asking the coordinator
};

void answer_invalid_acks(Request request, const wire::ProduceRequest& asked) {
  wire::ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    for (const auto& data : topic.partition_data) {
      out.partition_responses.push_back(
          refuse_produce(data.index, ErrorCode::invalid_required_acks));
    }
  }
  request.reply(response);
}

}  // namespace

void handle_produce(Context& context, Request request) {
  auto asked = request.decode<wire::ProduceRequest>();
  if (!asked) return;
  if (asked->acks < -1 || asked->acks > 1) {
    answer_invalid_acks(std::move(request), *asked);
    return;
  }
  std::make_shared<Production>(context, std::move(request), std::move(*asked))->begin();
}

}  // namespace horolog::broker
