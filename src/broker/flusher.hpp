#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/metrics.hpp"
#include "broker/partition.hpp"

namespace horolog::storage {
class LogStore;
}

namespace horolog::broker {

/// The one loop that owns syncing (group commit). It starts at once when somebody waits for a sync
/// of dirty bytes (acks=all, or a parked fetch), else after 10 ms or 8 MiB; logs with durability
/// `os` after 5 s or 512 MiB, which bounds what a recovery has to read; flush.ms and flush.messages
/// shorten both. One round: take the dirty
/// partitions, sync them, publish their durable ends, wake what waits. Appends go on meanwhile and
/// form the next round.
///
/// A failed sync is fatal for the log directory: no retry, no acknowledgement; what waits is told.
class Flusher {
 public:
  /// `pool` takes the syncs of a round with many files, and the preparing of segments.
  Flusher(storage::LogStore& store, const Clock& clock, Executor& pool);
  ~Flusher();

  /// `progress` is called, on a thread of the flusher's, each time that limits::checkpoint_bytes
  /// have become durable. Set before start().
  void on_progress(std::function<void()> progress) { progress_ = std::move(progress); }
  void start();
  /// Syncs what is dirty, tells what waits, joins.
  void stop();

  /// The partition has unsynced bytes. Any thread; cheap when nothing changes.
  void mark_dirty(Partition& partition, Urgency urgency);
  /// Somebody now waits for bytes that were appended without urgency.
  void hurry(Partition& partition) { mark_dirty(partition, Urgency::now); }
  /// Begins a round with whatever is dirty now. Any thread.
  void hurry_all();
  /// Prewrites the active segment on the pool.
  void prepare(const std::shared_ptr<Partition>& partition);

  /// One round over what is dirty now, in the calling thread: for tests and stop().
  void run_round();

  /// A sync has failed: nothing becomes durable any more.
  bool has_failed() const { return failed_.load(); }

  struct Counters {
    Counter rounds;
    Counter syncs;
    Counter failures;
    Histogram sync_seconds;
  };
  const Counters& counters() const { return counters_; }

 private:
  void run();
  std::vector<std::shared_ptr<Partition>> take_due(bool urgent, bool all);
  void commit(const std::vector<std::shared_ptr<Partition>>& round);
  void commit_parallel(const std::vector<std::shared_ptr<Partition>>& round);
  bool commit_one(Partition& partition);
  void note_progress(std::uint64_t bytes);
  /// How many waiters it told.
  std::size_t publish(const std::vector<std::shared_ptr<Partition>>& round);

  struct Dirty {
    std::shared_ptr<Partition> partition;
    MonoNs since;
  };

  storage::LogStore& store_;
  const Clock& clock_;
  Executor& pool_;
  Counters counters_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Dirty> dirty_;
  bool urgent_ = false;
  bool stopping_ = false;
  std::atomic<bool> failed_{false};
  std::function<void()> progress_;
  std::atomic<std::uint64_t> synced_bytes_{0};  ///< since progress_ was called
  std::thread thread_;
};

}  // namespace horolog::broker
