#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/partition.hpp"
#include "protocol/messages/fetch.hpp"

namespace horolog::broker {

class FetchPartition;

/// Where the partitions of a fetch session report that something changed: the next poll looks at
/// those only, and one that is parked wakes. Thread-safe.
class FetchBell {
 public:
  void ring(std::weak_ptr<FetchPartition> partition);
  /// What rang since the last call.
  std::vector<std::weak_ptr<FetchPartition>> take();
  /// The poll to wake; empty when none is parked.
  void set_sleeper(std::weak_ptr<Waiter> sleeper);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<FetchPartition>> rung_;
  std::weak_ptr<Waiter> sleeper_;
};

/// One partition of a fetch: what the client wants of it, what it was told last (KIP-227), and the
/// watch that reports a change. The watch holds over polls: as long as nothing happens the
/// partition costs nothing. Used by whoever has the session's turn; poke() comes from any thread.
class FetchPartition final : public Waiter, public std::enable_shared_from_this<FetchPartition> {
 public:
  using Asked = wire::FetchRequest::Partition;
  using Answer = wire::FetchResponse::Partition;

  FetchPartition(std::string topic_name, Uuid id, const Asked& wanted,
                 std::shared_ptr<FetchBell> bell);
  ~FetchPartition() override;

  /// Whether an incremental answer has to mention the partition.
  bool must_tell(const Answer& answer) const;
  /// The answer is on its way: the next one is compared with it.
  void remember(const Answer& answer);

  bool is_watching() const { return watching_.load(); }
  /// Registers with the partition until its next change. What it hides because it is not synced yet
  /// is synced at once. Read the partition again afterwards: it may have changed before.
  void watch(Partition& partition);
  /// Another partition has taken the place of the one that was watched.
  void forget_watch() { watching_.store(false); }
  void poke() override;

  std::string topic;  ///< empty: asked by an id that was not known yet
  const Uuid topic_id;
  Asked asked;
  /// Expired until the partition is found, and when it was deleted.
  std::weak_ptr<Partition> partition;
  bool resolved = false;   ///< it was found before
  bool active = false;     ///< in the session's list of those to be looked at
  bool served = false;     ///< the last answer had records of it
  bool forgotten = false;  ///< no longer the session's, but it may still ring

 private:
  Offset told_high_watermark_ = -1;
  Offset told_log_start_ = -1;
  std::atomic<bool> watching_{false};
  std::shared_ptr<FetchBell> bell_;
};

}  // namespace horolog::broker
