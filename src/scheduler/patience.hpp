#pragma once

#include <string>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "protocol/error_code.hpp"

namespace horolog::scheduler {

/// Whether the same request may succeed in a moment.
bool passes(wire::ErrorCode code);

/// Whether it says that the partition is somebody else's now, or that the coordinator has forgotten
/// us.
bool means_lost(wire::ErrorCode code);

/// How long something is tried again. Waiting blocks the calling thread.
class Patience {
 public:
  Patience(const Clock& clock, std::int64_t total_ms)
      : clock_(clock), until_(clock.mono_ns() + total_ms * 1'000'000) {}

  /// Waits before the next try: 5 → 20 ms while a transaction is being ended
  /// (CONCURRENT_TRANSACTIONS), else up to 200 ms. False when the time is up.
  bool wait(wire::ErrorCode code);
  bool over() const { return clock_.mono_ns() >= until_; }

 private:
  const Clock& clock_;
  const MonoNs until_;
  int tries_ = 0;
};

/// Tells the cluster's look-ups what an answer says about who is responsible.
void coordinator_answered(client::Cluster& cluster, client::CoordinatorKind kind,
                          const std::string& key, wire::ErrorCode code);
void leader_answered(client::Cluster& cluster, const TopicPartition& place, wire::ErrorCode code);

}  // namespace horolog::scheduler
