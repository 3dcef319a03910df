#include "client/producer_sender.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace horolog::client {
namespace {

/// How often batches are looked at for being too old.
constexpr MonoNs expiry_interval_ns = 100'000'000;
constexpr MonoNs millisecond_ns = 1'000'000;

}  // namespace

ProducerSender::ProducerSender(Settings settings, Accumulator& accumulator, Hooks hooks)
    : settings_(settings), accumulator_(accumulator), hooks_(std::move(hooks)) {}

void ProducerSender::set_identity(ProducerId id, ProducerEpoch epoch) {
  if (identity_serial_ > 0 && id == producer_id_ && epoch == epoch_) return;
  producer_id_ = id;
  epoch_ = epoch;
  ++identity_serial_;
  wants_identity_ = false;
}

void ProducerSender::start_transaction(std::uint64_t number, bool must_join) {
  transaction_ = number;
  must_join_ = must_join;
  sent_any_ = false;
  joining_.clear();
}

std::vector<TopicPartition> ProducerSender::take_joining() { return std::exchange(joining_, {}); }

void ProducerSender::joined(const TopicPartition& partition) {
  for (PartitionFlow* flow : active_) {
    if (flow->queue.partition == partition.partition &&
        flow->queue.topic->name == partition.topic) {
      flow->joined = transaction_;
    }
  }
}

void ProducerSender::refuse(const Error& why) {
  if (!refusing_) refusing_ = why;
}

PartitionFlow& ProducerSender::flow_of(PartitionQueue& queue) {
  if (queue.flow == nullptr) {
    flows_.push_back(std::make_unique<PartitionFlow>(queue));
    queue.flow = flows_.back().get();
  }
  return *queue.flow;
}

void ProducerSender::activate(PartitionFlow& flow) {
  if (std::exchange(flow.active, true)) return;
  active_.push_back(&flow);
}

void ProducerSender::wake_at(MonoNs when) {
  next_turn_ = next_turn_ ? std::min(*next_turn_, when) : when;
}

void ProducerSender::turn(MonoNs now, std::vector<ProduceBundle>& out) {
  next_turn_.reset();
  leaderless_.clear();
  announced_.clear();
  accumulator_.take_announced(announced_);
  for (PartitionQueue* queue : announced_) {
    flow_of(*queue).has_queued = true;
    activate(flow_of(*queue));
  }
  if (refusing_) {
    for (PartitionFlow* flow : active_) fail_all(*flow, *refusing_);
  } else {
    if (now >= next_expiry_) {
      next_expiry_ = now + expiry_interval_ns;
      for (PartitionFlow* flow : active_) expire(*flow, now);
    }
    while (round(now, out)) {
    }
  }
  std::erase_if(active_, [&](PartitionFlow* flow) {
    if (!flow->sent.empty() || flow->has_queued) return false;
    flow->active = false;
    return true;
  });
  if (!active_.empty()) wake_at(next_expiry_);
  // Whose turn it is first changes, so that a full request does not always leave out the same.
  if (active_.size() > 1) std::rotate(active_.begin(), active_.begin() + 1, active_.end());
}

bool ProducerSender::round(MonoNs now, std::vector<ProduceBundle>& out) {
  const std::size_t first = out.size();
  for (PartitionFlow* flow : active_) {
    if (!ready_to_send(*flow, now)) continue;
    const NodeId node = leader_of(*flow);
    if (node == no_node) continue;
    auto bundle = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                               [&](const ProduceBundle& each) { return each.node == node; });
    if (bundle == out.end() && in_flight_[node] >= settings_.in_flight_max) continue;
    std::size_t used = 0;
    if (bundle != out.end()) {
      for (const auto& part : bundle->parts) used += part.batch->size();
    }
    // The last one may go over it: a batch is small against what brokers take.
    if (used >= settings_.request_bytes_max) continue;
    ProducerBatch* batch = next_batch(*flow, now);
    if (batch == nullptr) continue;
    if (bundle == out.end()) {
      out.push_back({.node = node, .parts = {}, .due = std::numeric_limits<MonoNs>::max()});
      bundle = out.end() - 1;
      ++in_flight_[node];
    }
    bundle->parts.push_back({flow, batch});
    bundle->due = std::min(bundle->due, batch->created_ns + settings_.delivery_timeout_ns);
    bundle->due = std::max(bundle->due, now + millisecond_ns);
    sent_any_ = true;
  }
  std::erase_if(in_flight_, [](const auto& each) { return each.second == 0; });
  return out.size() > first;
}

/// When it is not known, it will be looked up.
NodeId ProducerSender::leader_of(PartitionFlow& flow) {
  const NodeId node = hooks_.leader(flow.queue);
  if (node != no_node) return node;
  leaderless_.insert(flow.queue.topic->name);
  if (!flow.last_error) {
    flow.last_error = Error(Errc::timed_out, "no leader of the partition is known");
  }
  return no_node;
}

bool ProducerSender::ready_to_send(PartitionFlow& flow, MonoNs now) {
  if (now < flow.not_before) {
    wake_at(flow.not_before);
    return false;
  }
  if (settings_.idempotent && !settle_identity(flow)) return false;
  if (must_join_ && flow.joined != transaction_) {
    // A topic that is not there cannot join; the look-up of its leader creates it.
    if (leader_of(flow) == no_node) return false;
    if (std::exchange(flow.joining, transaction_) != transaction_) {
      joining_.push_back({flow.queue.topic->name, flow.queue.partition});
    }
    return false;
  }
  return true;
}

bool ProducerSender::settle_identity(PartitionFlow& flow) {
  if (producer_id_ == no_producer_id) {
    wants_identity_ = true;
    return false;
  }
  const bool fresh = flow.identity_serial != identity_serial_;
  if (flow.sent.empty() ? !fresh && !flow.has_gap : !flow.must_restart) {
    // Behind a gap nothing new joins on; what was sent before may have reached the broker, so it
    // is offered to it once more under its numbers.
    return true;
  }
  if (flow.any_in_flight()) return false;
  if (fresh) {
    flow.identity_serial = identity_serial_;
    flow.producer_id = producer_id_;
    flow.epoch = epoch_;
  } else if (settings_.transactional) {
    // Only the coordinator raises the epoch of a transactional producer: after the abort.
    return false;
  } else if (flow.epoch == std::numeric_limits<ProducerEpoch>::max()) {
    producer_id_ = no_producer_id;
    wants_identity_ = true;
    return false;
  } else {
    ++flow.epoch;
  }
  renumber(flow);
  return true;
}

void ProducerSender::renumber(PartitionFlow& flow) {
  flow.has_gap = flow.must_restart = false;
  flow.next_sequence = 0;
  for (const PartitionFlow::Sent& each : flow.sent) identify(flow, *each.batch);
}

void ProducerSender::identify(PartitionFlow& flow, ProducerBatch& batch) {
  batch.identify({.producer_id = flow.producer_id,
                  .epoch = flow.epoch,
                  .base_sequence = flow.next_sequence,
                  .transactional = settings_.transactional});
  flow.next_sequence = batch.next_sequence();
}

ProducerBatch* ProducerSender::next_batch(PartitionFlow& flow, MonoNs now) {
  const std::size_t waiting = flow.first_waiting();
  ProducerBatch* batch = nullptr;
  if (waiting < flow.sent.size()) {
    batch = flow.sent[waiting].batch;
    if (!flow.may_resend()) return nullptr;
    flow.sent[waiting].in_flight = true;
  } else {
    if (flow.has_gap || flow.sent.size() >= settings_.in_flight_max) return nullptr;
    const Accumulator::Taken taken = accumulator_.take(flow.queue, now);
    if (taken.ready_ns) wake_at(*taken.ready_ns);
    if (taken.empty) flow.has_queued = false;
    if (taken.batch == nullptr) return nullptr;
    batch = taken.batch;
    if (settings_.idempotent) identify(flow, *batch);
    flow.sent.push_back({batch, true});
  }
  if (const Status sealed = batch->seal(settings_.codec, settings_.level); !sealed) {
    flow.sent.erase(flow.sent.begin() + static_cast<std::ptrdiff_t>(flow.index_of(batch)));
    fail(flow, batch, sealed.error().with_context("compressing a batch"));
    return nullptr;
  }
  ++counts_.batches_sent;
  if (batch->attempts++ > 0) ++counts_.batches_retried;
  return batch;
}

void ProducerSender::expire(PartitionFlow& flow, MonoNs now) {
  const MonoNs oldest = now - settings_.delivery_timeout_ns;
  while (!flow.sent.empty() && !flow.sent.front().in_flight &&
         flow.sent.front().batch->created_ns <= oldest) {
    ProducerBatch* batch = flow.sent.front().batch;
    flow.sent.erase(flow.sent.begin());
    fail(flow, batch, late(flow, *batch));
  }
  if (!flow.sent.empty()) return;
  while (ProducerBatch* batch = accumulator_.take_older(flow.queue, oldest)) {
    fail(flow, batch, late(flow, *batch));
  }
}

void ProducerSender::fail_all(PartitionFlow& flow, const Error& why) {
  for (std::size_t i = flow.sent.size(); i-- > 0;) {
    if (flow.sent[i].in_flight) continue;
    ProducerBatch* batch = flow.sent[i].batch;
    flow.sent.erase(flow.sent.begin() + static_cast<std::ptrdiff_t>(i));
    fail(flow, batch, why);
  }
  while (ProducerBatch* batch = accumulator_.take_any(flow.queue)) fail(flow, batch, why);
  flow.has_queued = false;
}

void ProducerSender::abandon(const Error& why) {
  refusing_ = why;
  announced_.clear();
  accumulator_.take_announced(announced_);
  for (PartitionQueue* queue : announced_) activate(flow_of(*queue));
  for (PartitionFlow* flow : active_) {
    fail_all(*flow, why);
    for (const PartitionFlow::Sent& each : flow->sent) {
      counts_.records_failed += static_cast<std::uint64_t>(each.batch->count());
      each.batch->complete(why, no_timestamp);
    }
  }
}

void ProducerSender::finished(NodeId node) {
  const auto found = in_flight_.find(node);
  HOROLOG_ASSERT(found != in_flight_.end() && found->second > 0);
  if (--found->second == 0) in_flight_.erase(found);
}

}  // namespace horolog::client
