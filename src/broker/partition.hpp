#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "horolog/types.hpp"
#include "storage/partition_log.hpp"

namespace horolog::net {
class Shard;
}

namespace horolog::broker {

class Flusher;

/// Somebody who waits for a partition: a fetch. Poked once per registration, from any thread.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// The high watermark, log start or configuration moved, or the partition went away. Must not
  /// block and must not call back into the partition: post to the own shard.
  virtual void poke() = 0;
};

/// When appended bytes are to be synced.
enum class Urgency : std::uint8_t {
  later,      ///< with the next group commit, at latest after the commit interval
  announced,  ///< as soon as the caller asks, by when_durable() or hurry_to(); it will, right away
  now,
};

/// A partition as the broker sees it: the log, and who waits for it. The log is passive; this
/// object connects it to the flusher and to parked requests. Thread-safe.
class Partition : public std::enable_shared_from_this<Partition> {
 public:
  /// Called once with true when everything below the offset is durable, or with false when that can
  /// no longer happen (partition deleted, log directory failed). Runs on the shard it was given.
  using DurableCallback = std::function<void(bool durable)>;

  Partition(std::shared_ptr<storage::PartitionLog> log, Flusher& flusher)
      : log_(std::move(log)), flusher_(flusher) {}

  storage::PartitionLog& log() { return *log_; }
  const storage::PartitionLog& log() const { return *log_; }
  const TopicPartition& id() const { return log_->id(); }

  /// Appends and tells the flusher and (with durability `os`) the parked fetches, for which
  /// a sync begins at once whatever `urgency` says. Validation and CRC are the caller's.
  Result<storage::AppendInfo> append(ByteView batches, storage::Origin origin, TimestampMs now,
                                     Urgency urgency,
                                     std::optional<storage::VerificationToken> token = {});
  /// The same for the marker that ends a producer's transaction; the caller asks for its sync.
  Result<storage::AppendInfo> append_marker(const storage::TransactionMarker& marker,
                                            TimestampMs now);

  /// Calls back on `shard` when the log is durable up to `end` (exclusive); through a post, never
  /// inside this call.
  void when_durable(Offset end, net::Shard& shard, DurableCallback callback);
  /// The same without asking for a sync: it comes with the next group commit that others ask for,
  /// or after the commit interval.
  void once_durable(Offset end, net::Shard& shard, DurableCallback callback);
  /// Somebody waits for the log to be durable up to `end`: it is synced at once.
  void hurry_to(Offset end);

  void add_waiter(const std::shared_ptr<Waiter>& waiter);
  void remove_waiter(const Waiter* waiter);
  /// Pokes and unregisters whoever waits: parked fetches, and sessions whose next fetch will look.
  void poke_waiters();
  /// Somebody waits for records: what is not synced yet is synced at once.
  void hurry();
  bool has_durable_waiters() const { return durable_waiter_count_.load() != 0; }
  bool has_waiters() const { return waiter_count_.load(std::memory_order_relaxed) != 0; }

  /// The partition is gone: what waits is told so.
  void mark_deleted();
  bool is_deleted() const { return deleted_.load(std::memory_order_relaxed); }

 private:
  friend class Flusher;
  struct DurableWaiter {
    Offset end;
    net::Shard* shard;
    DurableCallback callback;
  };
  /// What follows an append: the flusher is told, and who may read on.
  Result<storage::AppendInfo> after_append(Result<storage::AppendInfo> info, Urgency urgency);
  /// Registers the callback unless the log is durable up to `end`; then it is posted.
  bool wait_for(Offset end, net::Shard& shard, DurableCallback callback);
  /// True when nobody has asked for a sync up to `end` yet.
  bool note_urgent(Offset end);
  /// Moves out the callbacks whose offset is durable now (all of them with `all`).
  void take_durable(std::vector<DurableWaiter>& out, bool all);

  std::shared_ptr<storage::PartitionLog> log_;
  Flusher& flusher_;
  std::atomic<bool> deleted_{false};
  std::atomic<bool> queued_for_flush_{false};
  std::atomic<bool> prepare_posted_{false};
  /// Up to here a sync has been asked for: asking again would only make an empty round.
  std::atomic<Offset> urgent_end_{0};
  std::atomic<std::size_t> waiter_count_{0};
  std::atomic<std::size_t> durable_waiter_count_{0};
  std::mutex mutex_;
  std::vector<DurableWaiter> durable_waiters_;
  std::vector<std::weak_ptr<Waiter>> waiters_;
};

}  // namespace horolog::broker
