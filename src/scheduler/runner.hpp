#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "scheduler/calendar_reader.hpp"
#include "scheduler/clock_watch.hpp"
#include "scheduler/log_watch.hpp"
#include "scheduler/group_member.hpp"
#include "scheduler/kafka_port.hpp"
#include "scheduler/nudge.hpp"
#include "scheduler/owner.hpp"
#include "scheduler/service_metrics.hpp"
#include "scheduler/target_table.hpp"

namespace horolog::scheduler {

/// Drives one partition: takes it over when the group assigns it, lets it tick, waits for commands
/// and for what is due next.
class Runner {
 public:
  struct Settings {
    std::string group;
    PartitionIndex partition = 0;
    std::int32_t partitions = 8;
    Owner::Keeping keeping{};
    /// See Service::Settings.
    std::function<void(std::string_view step)> crossed{};
  };
  Runner(std::shared_ptr<client::Cluster> cluster, GroupMember& member, TargetTable& targets,
         CalendarReader& calendars, ServiceMetrics& metrics, const Clock& clock, Settings settings);

  /// Until stop() is called. Blocks: give it a thread.
  void run();
  /// Thread-safe.
  void stop() {
    stopping_ = true;
    nudge();
  }
  /// Makes a checkpoint, for the next start. After run() has returned.
  void keep() { owner_.keep_all(clock_.wall_ms()); }
  /// The group changed, or so: whatever is waited for is looked at again. Thread-safe.
  void nudge() { nudge_->give(); }

 private:
  void turn();
  /// Reads on in the state of a partition that somebody else owns.
  void follow();
  void take_over();
  /// Reads the clocks, and tells the owner what they mean.
  TimestampMs read_clock();
  void wait_after_failure(std::string_view what, const Error& error);
  void wait_for_group(std::int32_t generation);
  void wait_for_work(TimestampMs ticked_at);
  void trim();
  void count();
  void show_sizes();
  void drop();

  std::shared_ptr<client::Cluster> cluster_;
  GroupMember& member_;
  CalendarReader& calendars_;
  ServiceMetrics& metrics_;
  const Clock& clock_;
  const Settings settings_;
  const std::shared_ptr<Nudge> nudge_ = std::make_shared<Nudge>();
  KafkaPort port_;
  Owner owner_;
  LogWatch commands_;
  /// While the partition is somebody else's.
  std::optional<LogWatch> changes_;
  ClockWatch watch_;
  OwnerCounts counted_;
  std::uint64_t calendar_change_ = 0;
  /// What this partition adds to the gauges.
  struct Shown {
    std::int64_t pending = 0, later_than_hour = 0, later_than_day = 0, lag = 0;
    std::int64_t mirrored = 0, mirror_memory = 0, mirror_file = 0;
  };
  Shown shown_;
  bool owns_ = false;
  /// Takeovers, or steps of following, one after the other.
  int failures_ = 0;
  MonoNs trimmed_at_ = 0;
  Offset trimmed_to_ = 0;
  /// The position when trimming last had its turn: what is younger stays for other readers.
  Offset trimmable_ = 0;
  std::atomic<bool> stopping_ = false;
};

}  // namespace horolog::scheduler
