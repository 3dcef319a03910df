#include "broker/flusher.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "net/shard.hpp"
#include "storage/log_store.hpp"

namespace horolog::broker {
namespace {

constexpr MonoNs ms = 1'000'000;
constexpr MonoNs commit_delay = limits::commit_interval_ms * ms;
constexpr MonoNs os_delay = 5'000 * ms;
constexpr std::uint64_t os_bytes = 512 * limits::MiB;
/// Below this many files one thread syncs them faster than several would.
constexpr std::size_t serial_files = 4;
constexpr std::size_t parallel_tasks = 8;
/// When a round of several files has released so many waiters to a file, the next one begins no
/// sooner than this after it began: the crowd comes back together and shares a round, where
/// each would begin its own. Costs no more than one quick sync, and nothing where syncs are slow.
constexpr std::size_t crowd_per_file = 3;
constexpr MonoNs crowd_interval = 600'000;

/// How long a log may stay dirty, and whether it has as much unsynced as it may. flush.ms and
/// flush.messages can only shorten what holds anyway.
struct Patience {
  MonoNs delay = commit_delay;
  bool full = false;
};

Patience patience_of(const Partition& partition) {
  const storage::PartitionLog& log = partition.log();
  const auto config = log.config();
  const bool os = config->durability == storage::Durability::os;
  Patience patience;
  patience.delay = os ? os_delay : commit_delay;
  if (config->flush_ms < patience.delay / ms) patience.delay = config->flush_ms * ms;
  patience.full = log.dirty_bytes() >= (os ? os_bytes : limits::commit_bytes) ||
                  log.log_end_offset() - log.durable_offset() >= config->flush_messages;
  return patience;
}

bool waits_for_its_time(const Partition& partition) {
  return partition.log().config()->durability == storage::Durability::os;
}

}  // namespace

Flusher::Flusher(storage::LogStore& store, const Clock& clock, Executor& pool)
    : store_(store), clock_(clock), pool_(pool) {}

Flusher::~Flusher() { stop(); }

void Flusher::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "flusher");
}

void Flusher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  run_round();
}

void Flusher::mark_dirty(Partition& partition, Urgency urgency) {
  const bool urgent = urgency == Urgency::now || patience_of(partition).full;
  const bool newly_dirty = !partition.queued_for_flush_.exchange(true);
  if (!newly_dirty && !urgent) return;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = (urgent && !urgent_) || (dirty_.empty() && urgency != Urgency::announced);
    urgent_ = urgent_ || urgent;
    if (newly_dirty) dirty_.push_back({partition.shared_from_this(), clock_.mono_ns()});
  }
  if (wake) wake_.notify_one();
}

void Flusher::hurry_all() {
  {
    const std::lock_guard lock(mutex_);
    if (urgent_) return;
    urgent_ = true;
  }
  wake_.notify_one();
}

void Flusher::prepare(const std::shared_ptr<Partition>& partition) {
  pool_.post([partition] {
    const Status prepared = partition->log().prepare();
    // One at a time; an append that finds the new space short asks again.
    partition->prepare_posted_.store(false);
    if (!prepared) {
      if (prepared.error().code() == Errc::closed) return;
      log::warn("flusher", "cannot prepare segment space",
                {log::field("partition", partition->id().to_string()),
                 log::field("error", prepared.error().message())});
    }
  });
}

void Flusher::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!urgent_) {
      if (dirty_.empty()) {
        wake_.wait(lock);
        continue;
      }
      const MonoNs now = clock_.mono_ns();
      MonoNs due = now + os_delay;
      for (const Dirty& dirty : dirty_) {
        due = std::min(due, dirty.since + patience_of(*dirty.partition).delay);
      }
      if (due > now) {
        wake_.wait_for(lock, std::chrono::nanoseconds(due - now));
        if (!urgent_ && clock_.mono_ns() < due) continue;
      }
    }
    const bool urgent = std::exchange(urgent_, false);
    lock.unlock();
    // An urgent round takes every log whose records become visible by it; `os` logs keep their
    // time.
    const MonoNs began = clock_.mono_ns();
    const auto round = take_due(urgent ? began + commit_delay : began, false);
    commit(round);
    const std::size_t released = publish(round);
    lock.lock();
    if (round.size() > 1 && released >= crowd_per_file * round.size()) {
      const MonoNs left = began + crowd_interval - clock_.mono_ns();
      if (left > 0) wake_.wait_for(lock, std::chrono::nanoseconds(left), [&] { return stopping_; });
    }
  }
}

std::vector<std::shared_ptr<Partition>> Flusher::take_due(bool urgent, bool all) {
  std::vector<std::shared_ptr<Partition>> round;
  const MonoNs now = clock_.mono_ns();
  const std::lock_guard lock(mutex_);
  std::erase_if(dirty_, [&](Dirty& dirty) {
    Partition& partition = *dirty.partition;
    const Patience patience = patience_of(partition);
    // An urgent round takes every log whose records become visible by it; `os` logs keep their
    // time.
    const bool due = all || patience.full || now - dirty.since >= patience.delay ||
                     (urgent && !waits_for_its_time(partition)) || partition.has_durable_waiters();
    if (!due) return false;
    // Cleared before the end is captured: an append from here on queues the partition again. What
    // is there now is in this round: who comes to wait for it needs no round of its own.
    partition.queued_for_flush_.store(false);
    partition.note_urgent(partition.log().log_end_offset());
    round.push_back(std::move(dirty.partition));
    return true;
  });
  return round;
}

void Flusher::run_round() {
  const auto round = take_due(true, true);
  commit(round);
  publish(round);
}

void Flusher::commit(const std::vector<std::shared_ptr<Partition>>& round) {
  if (round.empty()) return;
  counters_.rounds.add(1);
  if (failed_.load()) return;
  if (round.size() > serial_files) {
    commit_parallel(round);
    return;
  }
  for (const auto& partition : round) {
    if (!commit_one(*partition)) return;
  }
}

void Flusher::commit_parallel(const std::vector<std::shared_ptr<Partition>>& round) {
  struct Shared {
    std::vector<std::shared_ptr<Partition>> round;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::condition_variable done;
    std::size_t finished = 0;
  };
  auto shared = std::make_shared<Shared>();
  shared->round = round;
  auto work = [this, shared] {
    for (;;) {
      const std::size_t i = shared->next.fetch_add(1);
      if (i >= shared->round.size()) return;
      if (!failed_.load()) commit_one(*shared->round[i]);
      const std::lock_guard lock(shared->mutex);
      if (++shared->finished == shared->round.size()) shared->done.notify_one();
    }
  };
  // This thread works too, so the round ends even when the pool is busy with something long.
  for (std::size_t i = 1; i < std::min(parallel_tasks, round.size()); ++i) pool_.post(work);
  work();
  std::unique_lock lock(shared->mutex);
  shared->done.wait(lock, [&] { return shared->finished == shared->round.size(); });
}

bool Flusher::commit_one(Partition& partition) {
  const MonoNs before = clock_.mono_ns();
  const std::uint64_t bytes = partition.log().dirty_bytes();
  auto committed = partition.log().commit();
  counters_.syncs.add(1);
  counters_.sync_seconds.record_ns(clock_.mono_ns() - before);
  if (committed) {
    note_progress(bytes);
    return true;
  }
  if (committed.error().code() == Errc::closed) return true;
  counters_.failures.add(1);
  failed_.store(true);
  store_.fail(committed.error().with_context("sync of " + partition.id().to_string()));
  return false;
}

void Flusher::note_progress(std::uint64_t bytes) {
  if (synced_bytes_.fetch_add(bytes) + bytes < limits::checkpoint_bytes) return;
  synced_bytes_.store(0);
  if (progress_) progress_();
}

std::size_t Flusher::publish(const std::vector<std::shared_ptr<Partition>>& round) {
  std::unordered_map<net::Shard*, std::vector<Partition::DurableCallback>> by_shard;
  const bool failed = failed_.load();
  std::size_t released = 0;
  for (const auto& partition : round) {
    std::vector<Partition::DurableWaiter> waiting;
    partition->take_durable(waiting, failed);
    released += waiting.size();
    for (auto& waiter : waiting) by_shard[waiter.shard].push_back(std::move(waiter.callback));
    if (partition->has_waiters()) partition->poke_waiters();
  }
  for (auto& [shard, callbacks] : by_shard) {
    shard->post([calls = std::move(callbacks), failed] {
      for (const auto& call : calls) call(!failed);
    });
  }
  return released;
}

}  // namespace horolog::broker
