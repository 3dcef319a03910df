#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "client/cluster.hpp"
#include "protocol/error_code.hpp"
#include "scheduler/assignment.hpp"
#include "scheduler/partition_port.hpp"

namespace horolog::scheduler {

/// This process's membership in the schedulers' consumer group (KIP-62): who owns which partition,
/// and which generation that is. Partitions that stay with a member through a rebalance are not
/// given up meanwhile; the fences make that safe.
class GroupMember {
 public:
  struct Settings {
    std::string group;
    std::int32_t partitions = 8;
    std::int32_t session_timeout_ms = 6'000;
    std::int32_t rebalance_timeout_ms = 10'000;
    std::int32_t heartbeat_ms = 1'000;
  };
  GroupMember(std::shared_ptr<client::Cluster> cluster, Settings settings);

  /// Takes part until stop() is called, then leaves the group. Blocks: give it a thread.
  void run();
  /// Thread-safe.
  void stop();

  struct View {
    Membership membership;
    Partitions assigned;
  };
  /// Thread-safe.
  View view() const;
  /// Waits until the generation is another than `generation`, at most `most`.
  View wait_for_change(std::int32_t generation, std::chrono::milliseconds most) const;

 private:
  bool join();
  bool sync(std::int32_t generation, const std::map<std::string, Partitions>& plan);
  wire::ErrorCode heartbeat();
  void leave();
  void forget(bool member_too);
  void pause(std::chrono::milliseconds time);

  std::shared_ptr<client::Cluster> cluster_;
  const Settings settings_;
  client::Lane lane_ = client::shared_lane;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  View view_;
  bool stopping_ = false;
};

}  // namespace horolog::scheduler
