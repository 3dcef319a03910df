#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "client/broker_error.hpp"
#include "client/loop.hpp"
#include "client/producer_core.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/produce.hpp"

/// Produce requests, producer ids, and topics looked up.
namespace horolog::client {
namespace {

constexpr std::int16_t first_with_zstd = 7;
/// The last that transactions of the first protocol use, and the first of the second (KIP-890).
constexpr std::int16_t last_of_first_protocol = 11;
constexpr std::int16_t first_of_second_protocol = 12;
/// From 13 on topics are named by id.
constexpr std::int16_t last_with_names = 12;

constexpr MonoNs look_up_again_ns = 100'000'000;

/// Finds the answer to a partition; brokers answer in the order of the request, which is tried
/// first.
const wire::ProduceResponse::Partition* answer_to(const wire::ProduceResponse& answer,
                                                  const PartitionQueue& queue) {
  for (const auto& topic : answer.responses) {
    if (topic.name != queue.topic->name) continue;
    for (const auto& partition : topic.partition_responses) {
      if (partition.index == queue.partition) return &partition;
    }
  }
  return nullptr;
}

}  // namespace

wire::VersionRange ProducerCore::produce_versions() const {
  wire::VersionRange versions{3, last_with_names};
  if (options_.compression == Compression::zstd) versions.min = first_with_zstd;
  if (transactional()) {
    if (machine_.second_protocol()) {
      versions.min = first_of_second_protocol;
    } else {
      versions.max = last_of_first_protocol;
    }
  }
  return versions;
}

void ProducerCore::send_bundle(ProduceBundle bundle) {
  const MonoNs left = bundle.due - now();
  const CallOptions options{
      .cap = produce_versions(),
      .timeout_ns = std::min(to_ns(options_.client.request_timeout), std::max<MonoNs>(left, 1)),
      .answered = options_.acks != Acks::none};
  const PartitionQueue& first = bundle.parts.front().flow->queue;
  Target target = Target::leader({first.topic->name, first.partition});
  auto flight = std::make_shared<Flight>(Flight{.bundle = std::move(bundle)});
  ++requests_;
  cluster_->call<wire::ProduceRequest>(
      std::move(target),
      [self = shared_from_this(), flight](std::int16_t) { return self->build(*flight); }, options,
      [self = shared_from_this(), flight](Result<Reply<wire::ProduceResponse>> reply) {
        self->landed(*flight, std::move(reply));
      });
}

Outgoing<wire::ProduceRequest> ProducerCore::build(Flight& flight) {
  flight.sent = true;
  wire::ProduceRequest request;
  if (transactional()) request.transactional_id = options_.transactional_id;
  request.acks = static_cast<std::int16_t>(options_.acks);
  request.timeout_ms = static_cast<std::int32_t>(options_.client.request_timeout.count());
  // Pieces in the order of the fields: topic by topic.
  auto& parts = flight.bundle.parts;
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    const PartitionQueue& left = a.flow->queue;
    const PartitionQueue& right = b.flow->queue;
    return std::tie(left.topic->name, left.partition) <
           std::tie(right.topic->name, right.partition);
  });
  std::vector<Piece> pieces;
  pieces.reserve(parts.size());
  // After close() the batches have been told about, and are sent no more; their memory is still
  // here, so the bytes are sent all the same where it was too late.
  const auto self = shared_from_this();
  for (const ProduceBundle::Part& part : parts) {
    const PartitionQueue& queue = part.flow->queue;
    if (request.topic_data.empty() || request.topic_data.back().name != queue.topic->name) {
      request.topic_data.push_back({.name = queue.topic->name});
    }
    const ByteView bytes = part.batch->wire();
    request.topic_data.back().partition_data.push_back(
        {.index = queue.partition, .records = wire::Records::spliced(bytes.size())});
    pieces.push_back({bytes, self});
  }
  return {std::move(request), std::move(pieces)};
}

void ProducerCore::landed(Flight& flight, Result<Reply<wire::ProduceResponse>> reply) {
  if (closed_) return;
  const MonoNs at = now();
  if (reply && options_.acks != Acks::none) hint_leaders(reply->message, flight.bundle);
  for (const ProduceBundle::Part& part : flight.bundle.parts) {
    if (!reply) {
      sender_.lost(part, reply.error(), flight.sent, at);
    } else if (options_.acks == Acks::none) {
      sender_.answered(part, {}, at);
    } else if (const auto* answer = answer_to(reply->message, part.flow->queue)) {
      sender_.answered(part,
                       {.code = answer->error_code,
                        .base_offset = answer->base_offset,
                        .append_time = answer->log_append_time_ms,
                        .text = answer->error_message},
                       at);
    } else {
      sender_.lost(part, Error(Errc::corrupt, "the answer leaves out a partition"), true, at);
    }
    if (closed_) return;  // by a callback
  }
  sender_.finished(flight.bundle.node);
  pump();
}

void ProducerCore::hint_leaders(const wire::ProduceResponse& answer, const ProduceBundle& bundle) {
  for (const ProduceBundle::Part& part : bundle.parts) {
    const auto* found = answer_to(answer, part.flow->queue);
    if (found == nullptr || found->current_leader.leader_id < 0) continue;
    std::optional<BrokerInfo> address;
    for (const auto& node : answer.node_endpoints) {
      if (node.node_id != found->current_leader.leader_id) continue;
      address = BrokerInfo{.id = node.node_id,
                           .address = {node.host, static_cast<std::uint16_t>(node.port)},
                           .rack = node.rack};
    }
    cluster_->leader_hint({part.flow->queue.topic->name, part.flow->queue.partition},
                          found->current_leader.leader_id, found->current_leader.leader_epoch,
                          std::move(address));
  }
}

void ProducerCore::look_up(const std::string& topic) {
  if (closed_ || looking_up_.contains(topic)) return;
  if (const auto after = look_up_after_.find(topic);
      after != look_up_after_.end() && now() < after->second) {
    return;
  }
  looking_up_.insert(topic);
  // Known, and without a leader for the moment: what is in memory does not help.
  if (cluster_->metadata()->topic(topic) != nullptr && partitions_.contains(topic)) {
    cluster_->refresh(std::set<std::string>{topic}, 0, [self = shared_from_this(), topic](
                                                           const Status&) {
      if (self->closed_) return;
      self->looking_up_.erase(topic);
      self->look_up_after_[topic] = self->now() + look_up_again_ns;
      self->pump();
    });
    return;
  }
  cluster_->topic(topic, to_ns(options_.max_block), options_.create_topics,
                  [self = shared_from_this(), topic](const auto& found) {
                    self->looked_up(topic, found);
                  });
}

void ProducerCore::looked_up(const std::string& topic,
                             const Result<std::shared_ptr<const TopicInfo>>& found) {
  if (closed_) return;
  looking_up_.erase(topic);
  look_up_after_[topic] = now() + look_up_again_ns;
  if (found) {
    const auto count = static_cast<std::int32_t>((*found)->partitions.size());
    partitions_[topic] = count;
    accumulator_.set_partitions(topic, count);
  } else {
    accumulator_.set_topic_error(topic, found.error());
  }
  pump();
}

void ProducerCore::metadata_changed() {
  if (closed_) return;
  const auto metadata = cluster_->metadata();
  for (auto& [topic, count] : partitions_) {
    const auto info = metadata->topic(topic);
    if (info == nullptr || info->partitions.empty()) continue;
    const auto now_there = static_cast<std::int32_t>(info->partitions.size());
    if (std::exchange(count, now_there) != now_there) {
      accumulator_.set_partitions(topic, now_there);
    }
  }
  pump();
}

void ProducerCore::get_identity() {
  getting_identity_ = true;
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
  const CallOptions options{.cap = {0, 5}};
  cluster_->send<wire::InitProducerIdRequest>(
      Target::any(), std::move(request), options,
      [self = shared_from_this()](Result<Reply<wire::InitProducerIdResponse>> reply) {
        if (self->closed_) return;
        self->getting_identity_ = false;
        const auto code = reply ? reply->message.error_code : wire::ErrorCode::none;
        if (reply && code == wire::ErrorCode::none) {
          self->identity_failures_ = 0;
          self->sender_.set_identity(reply->message.producer_id, reply->message.producer_epoch);
        } else if (reply && !wire::is_retriable(code)) {
          self->sender_.refuse(broker_error(code, "getting a producer id"));
        } else if (!reply && reply.error().code() == Errc::unsupported) {
          self->sender_.refuse(reply.error().with_context(
              "getting a producer id (idempotent = false does without one)"));
        } else {
          const Backoff backoff = Backoff::of(self->options_.client.retry_backoff,
                                              self->options_.client.retry_backoff_max);
          self->identity_after_ =
              self->now() +
              backoff.delay(++self->identity_failures_, self->cluster_->loop().random());
        }
        self->pump();
      });
}

}  // namespace horolog::client
