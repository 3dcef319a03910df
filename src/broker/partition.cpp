#include "broker/partition.hpp"

#include <utility>

#include "broker/flusher.hpp"
#include "net/shard.hpp"

namespace horolog::broker {

Result<storage::AppendInfo> Partition::append(ByteView batches, storage::Origin origin,
                                              TimestampMs now, Urgency urgency,
                                              std::optional<storage::VerificationToken> token) {
  return after_append(log_->append(batches, origin, now, token), urgency);
}

Result<storage::AppendInfo> Partition::append_marker(const storage::TransactionMarker& marker,
                                                     TimestampMs now) {
  return after_append(log_->append_marker(marker, now), Urgency::announced);
}

Result<storage::AppendInfo> Partition::after_append(Result<storage::AppendInfo> info,
                                                    Urgency urgency) {
  if (!info) return info;
  if (info->wants_prepare && !prepare_posted_.exchange(true)) flusher_.prepare(shared_from_this());
  if (info->error != wire::ErrorCode::none || info->duplicate) return info;
  const bool visible_now = log_->config()->durability == storage::Durability::os;
  if (visible_now && has_waiters()) poke_waiters();
  if (!visible_now && has_waiters()) urgency = Urgency::now;
  if (urgency == Urgency::now) note_urgent(info->last_offset + 1);
  flusher_.mark_dirty(*this, urgency);
  return info;
}

void Partition::when_durable(Offset end, net::Shard& shard, DurableCallback callback) {
  if (wait_for(end, shard, std::move(callback))) hurry_to(end);
}

void Partition::once_durable(Offset end, net::Shard& shard, DurableCallback callback) {
  wait_for(end, shard, std::move(callback));
}

void Partition::hurry_to(Offset end) {
  // After a failure the round that was asked for may be over; another one tells who came late.
  if (note_urgent(end) || flusher_.has_failed()) flusher_.hurry(*this);
}

bool Partition::wait_for(Offset end, net::Shard& shard, DurableCallback callback) {
  {
    const std::lock_guard lock(mutex_);
    if (log_->durable_offset() < end) {
      durable_waiters_.push_back({end, &shard, std::move(callback)});
      durable_waiter_count_.store(durable_waiters_.size());
      return true;
    }
  }
  shard.post([call = std::move(callback)] { call(true); });
  return false;
}

bool Partition::note_urgent(Offset end) {
  Offset known = urgent_end_.load();
  while (known < end) {
    if (urgent_end_.compare_exchange_weak(known, end)) return true;
  }
  return false;
}

void Partition::take_durable(std::vector<DurableWaiter>& out, bool all) {
  const std::lock_guard lock(mutex_);
  const Offset durable = log_->durable_offset();
  std::erase_if(durable_waiters_, [&](DurableWaiter& waiter) {
    if (!all && waiter.end > durable) return false;
    out.push_back(std::move(waiter));
    return true;
  });
  durable_waiter_count_.store(durable_waiters_.size());
}

void Partition::add_waiter(const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock(mutex_);
  waiters_.push_back(waiter);
  waiter_count_.store(waiters_.size());
}

void Partition::remove_waiter(const Waiter* waiter) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiters_, [waiter](const std::weak_ptr<Waiter>& weak) {
    const auto held = weak.lock();
    return held == nullptr || held.get() == waiter;
  });
  waiter_count_.store(waiters_.size());
}

void Partition::hurry() {
  const bool hidden = log_->high_watermark() < log_->log_end_offset();
  if (hidden && log_->config()->durability == storage::Durability::commit) flusher_.hurry(*this);
}

void Partition::poke_waiters() {
  std::vector<std::shared_ptr<Waiter>> due;
  {
    const std::lock_guard lock(mutex_);
    due.reserve(waiters_.size());
    for (const auto& weak : waiters_) {
      if (auto waiter = weak.lock()) due.push_back(std::move(waiter));
    }
    waiters_.clear();
    waiter_count_.store(0);
  }
  for (const auto& waiter : due) waiter->poke();
}

void Partition::mark_deleted() {
  deleted_.store(true);
  log_->mark_deleted();
  std::vector<DurableWaiter> waiting;
  take_durable(waiting, true);
  for (DurableWaiter& waiter : waiting) {
    waiter.shard->post([call = std::move(waiter.callback)] { call(false); });
  }
  poke_waiters();
}

}  // namespace horolog::broker
