#include "client/consumer_core.hpp"

namespace horolog::client {

bool ConsumerCore::something_to_do() const {
  const ConsumerShared& shared = *shared_;
  if (shared.woken || !shared.told.empty() || shared.pattern_error) return true;
  if (shared.membership && (shared.membership->has_event() || shared.membership->failure())) {
    return true;
  }
  return shared.positions.ready();
}

Result<RecordBatch> ConsumerCore::poll(Timeout timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (true) {
    {
      const std::lock_guard lock(shared_->mutex);
      HOROLOG_TRY(check_open());
      if (shared_->membership) {
        const bool waited = shared_->membership->waits_for_poll();
        shared_->membership->polled(shared_->now());
        if (waited) kick();
      }
    }
    call_told();
    commit_if_due();
    handle_events();
    std::unique_lock lock(shared_->mutex);
    auto storage = shared_->pool->storage();
    const Status status =
        shared_->positions.hand_out(shared_->options.max_poll_records, *storage);
    if (shared_->positions.take_made_room()) kick();
    if (!storage->records.empty()) {
      storage->link_headers();
      return RecordBatch(std::move(storage));
    }
    HOROLOG_TRY(status);
    if (shared_->membership && shared_->membership->failure()) {
      return *shared_->membership->failure();
    }
    if (shared_->pattern_error) return *std::exchange(shared_->pattern_error, std::nullopt);
    if (std::exchange(shared_->woken, false)) return RecordBatch();
    if (!shared_->changed.wait_until(lock, until, [this] { return something_to_do(); })) {
      return RecordBatch();
    }
  }
}

void ConsumerCore::wakeup() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->woken = true;
  }
  shared_->changed.notify_all();
}

void ConsumerCore::call_told() {
  std::deque<std::function<void()>> told;
  {
    const std::lock_guard lock(shared_->mutex);
    told.swap(shared_->told);
  }
  for (const auto& one : told) one();
}

void ConsumerCore::handle_events() {
  if (!shared_->membership) return;
  while (true) {
    std::optional<RebalanceEvent> event;
    {
      const std::lock_guard lock(shared_->mutex);
      if (!shared_->membership->has_event()) return;
      event = shared_->membership->next_event(shared_->now());
      if (event && event->kind == RebalanceEvent::Kind::assigned) {
        // Before the listener, so that it can seek.
        shared_->positions.add(event->partitions);
      }
    }
    if (!event) return kick();
    handle(*event);
    {
      const std::lock_guard lock(shared_->mutex);
      if (event->kind != RebalanceEvent::Kind::assigned) {
        shared_->positions.remove(event->partitions);
      }
      shared_->membership->event_done(shared_->now());
    }
    kick();
  }
}

void ConsumerCore::handle(const RebalanceEvent& event) {
  // A copy: the listener may subscribe with another.
  const RebalanceListener listener = listener_;
  switch (event.kind) {
    case RebalanceEvent::Kind::assigned:
      if (listener.assigned) listener.assigned(event.partitions);
      return;
    case RebalanceEvent::Kind::revoked:
      // When that fails the records are read once more by the next owner, as without it.
      static_cast<void>(auto_commit_now(shared_->cluster->options().request_timeout));
      if (listener.revoked) listener.revoked(event.partitions);
      return;
    case RebalanceEvent::Kind::lost:
      if (listener.lost) {
        listener.lost(event.partitions);
      } else if (listener.revoked) {
        listener.revoked(event.partitions);
      }
      return;
  }
}

Offsets ConsumerCore::positions() const {
  Offsets out;
  for (const auto& [tp, partition] : shared_->positions.all()) {
    if (partition.position != no_offset) {
      out[tp] = {partition.position, "", partition.epoch};
    }
  }
  return out;
}

/// At the start of a poll everything that earlier ones gave out counts as handled.
void ConsumerCore::commit_if_due() {
  if (!shared_->options.auto_commit || !shared_->membership) return;
  const MonoNs now = shared_->now();
  if (next_auto_commit_ == 0) {
    next_auto_commit_ = now + to_ns(shared_->options.auto_commit_interval);
  }
  if (now < next_auto_commit_) return;
  next_auto_commit_ = now + to_ns(shared_->options.auto_commit_interval);
  Offsets offsets;
  {
    const std::lock_guard lock(shared_->mutex);
    offsets = positions();
  }
  if (offsets.empty() || offsets == last_auto_commit_) return;
  last_auto_commit_ = offsets;
  // One that failed is made again after the next interval. Callbacks run inside our own functions.
  commit_async(std::move(offsets), [this](const Status& status) {
    if (!status) last_auto_commit_.clear();
  });
}

Status ConsumerCore::auto_commit_now(Timeout timeout) {
  if (!shared_->options.auto_commit || !shared_->membership) return {};
  Offsets offsets;
  {
    const std::lock_guard lock(shared_->mutex);
    if (subscribed_ && !shared_->membership->joined()) return {};
    offsets = positions();
  }
  if (offsets.empty()) return {};
  last_auto_commit_ = offsets;
  return commit(std::move(offsets), timeout);
}

Status ConsumerCore::unsubscribe() {
  {
    const std::lock_guard lock(shared_->mutex);
    HOROLOG_TRY(check_open());
    shared_->pattern.reset();
    shared_->subscription.clear();
    if (assigned_) shared_->positions.set({});
    if (subscribed_) shared_->membership->leave(shared_->now());
  }
  handle_events();
  subscribed_ = assigned_ = false;
  listener_ = {};
  kick();
  return {};
}

Status ConsumerCore::close(Timeout timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->closed) return {};
  }
  // The listener's revocation would commit as well, but its outcome would be lost.
  const Status committed = auto_commit_now(timeout);
  HOROLOG_TRY(unsubscribe());
  {
    std::unique_lock lock(shared_->mutex);
    // The commits that do not wait, then the leave.
    shared_->changed.wait_until(lock, until, [this] {
      return shared_->commits.empty() &&
             (!shared_->membership || shared_->membership->idle());
    });
  }
  call_told();
  std::deque<CommitQueue::Commit> unsent;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
    unsent = shared_->commits.drain();
  }
  shared_->cluster->loop().run([this] { loop_side_->stop(); });
  const Error closed(Errc::closed, "the consumer was closed before the commit was answered");
  for (const auto& commit : unsent) {
    if (commit.done) commit.done(closed);
  }
  call_told();
  return committed;
}

}  // namespace horolog::client
