#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

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
    /// Others hear at their next one that a member has left: half of a clean failover's second.
    std::int32_t heartbeat_ms = 500;
    /// Of a static member (KIP-345): whoever comes back under it takes over at once, without
    /// waiting for the session of the one before to end.
    std::optional<std::string> instance_id{};
  };
  GroupMember(std::shared_ptr<client::Cluster> cluster, Settings settings);

  /// Called, on the member's thread, whenever view() has changed. Set before run().
  void on_change(std::function<void()> changed) { told_ = std::move(changed); }
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

 private:
  bool join();
  bool sync(std::int32_t generation, const std::map<std::string, Partitions>& plan);
  wire::ErrorCode heartbeat();
  void leave();
  void forget(bool member_too);
  void show(View view);
  void pause(std::chrono::milliseconds time);

  std::shared_ptr<client::Cluster> cluster_;
  const Settings settings_;
  client::Lane lane_ = client::shared_lane;
  mutable std::mutex mutex_;
  std::condition_variable stop_wanted_;
  std::function<void()> told_;
  View view_;
  bool stopping_ = false;
};

}  // namespace horolog::scheduler
