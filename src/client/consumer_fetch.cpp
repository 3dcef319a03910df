#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "client/broker_error.hpp"
#include "client/consumer_loop.hpp"

namespace horolog::client {

using wire::ErrorCode;

/// Requests for every broker that leads something to be read and has none under way.
void ConsumerLoop::gather_fetches(Sends& sends, MonoNs now) {
  FetchPositions& positions = shared_->positions;
  const auto metadata = cluster_.metadata();
  std::map<NodeId, FetchPlan> plans;
  for (const auto& [tp, unused] : positions.all()) {
    plan(plans, *positions.find(tp), *metadata, sends, now);
  }
  for (auto& [id, made] : plans) {
    Node& node = nodes_[id];
    if (node.in_flight || made.wanted.empty()) continue;
    if (now < node.not_before) {
      wake_at(node.not_before);
      continue;
    }
    // A fetch without the full partition would wait for others at the broker while poll() makes
    // room in it; there is enough to be handed out meanwhile.
    if (made.full) continue;
    node.in_flight = true;
    sends.push_back([this, node_id = id, wanted = std::move(made.wanted),
                     room = positions.room()]() mutable {
      fetch(node_id, std::move(wanted), room);
    });
  }
}

void ConsumerLoop::plan(std::map<NodeId, FetchPlan>& plans, FetchPositions::Partition& partition,
                        const Metadata& metadata, Sends& sends, MonoNs now) {
  using Stage = FetchPositions::Stage;
  const TopicPartition& tp = *partition.name;
  if (partition.stage == Stage::fetching && now < partition.not_before) {
    wake_at(partition.not_before);
  }
  if (partition.stage != Stage::fetching || partition.paused || now < partition.not_before) return;
  const auto topic = metadata.topic(tp.topic);
  const PartitionInfo* info = metadata.partition(tp.topic, tp.partition);
  if (!topic || info == nullptr || info->leader == no_node) {
    if (topic && info == nullptr) {
      shared_->positions.failed(
          tp, partition.ticket,
          Error(Errc::not_found, fmt::format("{}: topic {} has {} partitions", tp.to_string(),
                                             tp.topic, topic->partitions.size())));
      return;
    }
    if (topic) {
      partition.not_before = now + backoff(1);
      wake_at(partition.not_before);
      sends.push_back([this, lost = tp] { cluster_.leader_failed(lost); });
      return;
    }
    return find_topic(tp.topic, sends);
  }
  if (partition.epoch >= 0 && info->leader_epoch > partition.epoch &&
      info->leader_epoch > partition.validated && partition.buffered == 0) {
    partition.stage = Stage::validation;
    if (validating_.insert(tp).second) {
      sends.push_back([this, moved = tp, ticket = partition.ticket, epoch = partition.epoch] {
        validate(moved, ticket, epoch);
      });
    }
    return;
  }
  FetchPlan& out = plans[info->leader];
  if (!shared_->positions.may_fetch(partition, now)) return;
  if (shared_->positions.is_full(partition)) {
    out.full = true;
    return;
  }
  out.wanted.push_back({tp, topic->id, partition.ticket, partition.next_fetch, info->leader_epoch,
                        shared_->options.partition_max_bytes});
}

void ConsumerLoop::find_topic(const std::string& topic, Sends& sends) {
  if (!finding_.insert(topic).second) return;
  sends.push_back([this, topic] {
    cluster_.topic(topic, 0, false, [weak = weak_from_this(), topic](const auto& found) {
      const auto self = weak.lock();
      if (!self) return;
      self->finding_.erase(topic);
      if (!found) {
        const std::lock_guard lock(self->shared_->mutex);
        for (const auto& [tp, partition] : self->shared_->positions.all()) {
          if (tp.topic != topic) continue;
          self->shared_->positions.failed(tp, partition.ticket, found.error());
        }
      }
      self->pump();
    });
  });
}

void ConsumerLoop::fetch(NodeId node, std::vector<FetchWanted> wanted, std::size_t room) {
  const ConsumerOptions& options = shared_->options;
  const wire::FetchRequest limits{
      .max_wait_ms = static_cast<std::int32_t>(options.fetch_max_wait.count()),
      .min_bytes = options.fetch_min_bytes,
      .max_bytes = static_cast<std::int32_t>(std::clamp<std::size_t>(
          room, 1, static_cast<std::size_t>(options.fetch_max_bytes))),
      .isolation_level = static_cast<std::int8_t>(options.isolation)};
  const std::int16_t cap = all_have_ids(wanted) ? std::int16_t{17} : std::int16_t{12};
  const MonoNs timeout = to_ns(options.fetch_max_wait) + to_ns(cluster_.options().request_timeout);
  auto build = [self = shared_from_this(), node, limits,
                wanted = std::move(wanted)](std::int16_t version) mutable {
    wire::FetchRequest request = limits;
    self->nodes_[node].session.build(std::move(wanted), version, request);
    return Outgoing<wire::FetchRequest>(std::move(request));
  };
  cluster_.call<wire::FetchRequest>(
      Target::node(node).on(fetch_lane_), std::move(build),
      {.cap = {4, cap}, .timeout_ns = timeout},
      [weak = weak_from_this(), node](Result<Reply<wire::FetchResponse>> reply) {
        if (const auto self = weak.lock()) self->fetched(node, std::move(reply));
      });
}

void ConsumerLoop::fetched(NodeId id, Result<Reply<wire::FetchResponse>> reply) {
  if (stopped_) return;
  Node& node = nodes_[id];
  node.in_flight = false;
  Sends after;
  Status status;
  if (reply) {
    const std::lock_guard lock(shared_->mutex);
    status = node.session.take(reply->message, [&](const FetchWanted& wanted, auto& part) {
      take_part(wanted, part, reply->frame, after);
    });
  } else {
    node.session.failed();
    status = reply.error();
  }
  if (status) {
    node.failures = 0;
  } else {
    node.not_before = cluster_.loop().now() + backoff(++node.failures);
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [tp, partition] : shared_->positions.all()) {
      const PartitionInfo* info = cluster_.metadata()->partition(tp.topic, tp.partition);
      if (info == nullptr || info->leader != id) continue;
      // Only these cannot get better by another attempt.
      const Errc code = status.error().code();
      if (code == Errc::unsupported || code == Errc::io) {
        shared_->positions.failed(tp, partition.ticket, status.error());
      } else if (!reply) {
        after.push_back([this, lost = tp] { cluster_.leader_failed(lost); });
      }
    }
  }
  for (const auto& one : after) one();
  pump();
}

void ConsumerLoop::take_part(const FetchWanted& wanted, wire::FetchResponse::Partition& part,
                             const std::shared_ptr<const net::Frame>& frame, Sends& after) {
  FetchPositions& positions = shared_->positions;
  FetchPositions::Partition* partition = positions.find(wanted.partition);
  if (partition == nullptr || partition->ticket != wanted.ticket) return;
  if (part.error_code != ErrorCode::none) return part_refused(wanted, part, after);
  partition->high_watermark = part.high_watermark;
  partition->last_stable = part.last_stable_offset;
  partition->log_start = part.log_start_offset;
  FetchedPart fetched{.partition = nullptr, .frame = frame, .records = part.records.bytes,
                      .aborted = {}};
  if (part.aborted_transactions) fetched.aborted = std::move(*part.aborted_transactions);
  positions.fetched(wanted.partition, wanted.ticket, wanted.offset, std::move(fetched),
                    shared_->pool);
}

void ConsumerLoop::part_refused(const FetchWanted& wanted,
                                const wire::FetchResponse::Partition& part, Sends& after) {
  FetchPositions& positions = shared_->positions;
  FetchPositions::Partition& partition = *positions.find(wanted.partition);
  if (part.error_code == ErrorCode::offset_out_of_range) {
    // What is buffered is handed out first; until then the broker is not asked all the time.
    if (partition.buffered > 0) partition.not_before = cluster_.loop().now() + backoff(1);
    return positions.out_of_range(wanted.partition, wanted.ticket, wanted.offset);
  }
  if (!wire::is_retriable(part.error_code) &&
      part.error_code != ErrorCode::unknown_server_error) {
    return positions.failed(wanted.partition, wanted.ticket,
                            broker_error(part.error_code,
                                         fmt::format("cannot read {}",
                                                     wanted.partition.to_string())));
  }
  partition.not_before = cluster_.loop().now() + backoff(1);
  const auto leader = part.current_leader;
  after.push_back([this, tp = wanted.partition, leader] {
    if (leader.leader_id >= 0 && leader.leader_epoch >= 0) {
      cluster_.leader_hint(tp, leader.leader_id, leader.leader_epoch, std::nullopt);
    } else {
      cluster_.leader_failed(tp);
    }
  });
}

}  // namespace horolog::client
