#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "client/cluster.hpp"
#include "scheduler/clock_watch.hpp"
#include "scheduler/group_member.hpp"
#include "scheduler/kafka_port.hpp"
#include "scheduler/owner.hpp"
#include "scheduler/target_table.hpp"

namespace horolog::scheduler {

/// What the runners of all partitions count together.
struct ServiceMetrics {
  Counter fired, missed, skipped, rejected, stalled, commands, committed, aborted, takeovers;
  Gauge owned, pending;
  /// From the due time until the fire was committed, by this machine's clock.
  Histogram lateness;
  Histogram tick;
};

/// Drives one partition: takes it over when the group assigns it, lets it tick, waits for commands
/// and for what is due next.
class Runner {
 public:
  struct Settings {
    std::string group;
    PartitionIndex partition = 0;
    std::int32_t partitions = 8;
    /// Where the mirror's files are made; empty: everything is kept in memory.
    std::string state_directory{};
  };
  Runner(std::shared_ptr<client::Cluster> cluster, GroupMember& member, TargetTable& targets,
         ServiceMetrics& metrics, const Clock& clock, Settings settings);

  /// Until stop() is called. Blocks: give it a thread.
  void run();
  /// Thread-safe.
  void stop() { stopping_ = true; }

 private:
  void turn();
  void take_over();
  void wait_for_group(std::int32_t generation);
  void wait_for_work(TimestampMs now);
  void trim();
  void count();
  void drop();

  std::shared_ptr<client::Cluster> cluster_;
  GroupMember& member_;
  ServiceMetrics& metrics_;
  const Clock& clock_;
  const Settings settings_;
  KafkaPort port_;
  Owner owner_;
  ClockWatch watch_;
  OwnerCounts counted_;
  std::int64_t pending_ = 0;
  bool owns_ = false;
  MonoNs trimmed_at_ = 0;
  Offset trimmed_to_ = 0;
  std::atomic<bool> stopping_ = false;
};

}  // namespace horolog::scheduler
