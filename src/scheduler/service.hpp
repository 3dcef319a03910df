#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "horolog/error.hpp"
#include "scheduler/calendar_reader.hpp"
#include "scheduler/directory_lock.hpp"
#include "scheduler/own_topics.hpp"
#include "scheduler/runner.hpp"
#include "scheduler/service_metrics.hpp"

namespace horolog::scheduler {

/// The scheduler: prepares its topics, takes part in the group, and fires what is due in the
/// partitions that fall to it. Several of them, in any processes, share the work. Threads: one for
/// the group and one per partition, which sleep unless there is something to do.
class Service {
 public:
  struct Settings {
    std::string group = "horolog-scheduler";
    OwnTopics topics;
    /// scheduler.targets.allow: patterns of topic names.
    std::vector<std::string> targets_allow{"*"};
    std::int32_t session_timeout_ms = 6'000;
    /// scheduler.state.dir: where the mirrors are kept, with checkpoints, so that a start reads
    /// only what is new. Made when it is missing; for this service alone.
    std::string state_directory{};
    /// Without that: a directory for files that go with the process. Without both, everything is
    /// kept in memory.
    std::string scratch_directory{};
    /// See GroupMember::Settings.
    std::optional<std::string> instance_id{};
    /// Told at each step boundary of a takeover, a tick and a transaction, on the partition's
    /// thread; tests stop a process there.
    std::function<void(std::string_view step)> crossed{};
  };
  /// Blocks until the topics are there. `clock` must outlive the service.
  static Result<std::unique_ptr<Service>> start(std::shared_ptr<client::Cluster> cluster,
                                                Settings settings, const Clock& clock);
  /// As stop().
  ~Service();

  /// Ends what runs, leaves the group, so that others take over at once. Blocks until that is done.
  void stop();
  /// Makes checkpoints, for the next start. After stop(); needs no cluster any more.
  void keep();
  const ServiceMetrics& metrics() const { return metrics_; }
  /// Whether the group knows this process, so that its partitions are fired or others have them.
  bool in_group() const { return member_.view().membership.generation >= 0; }

 private:
  Service(std::shared_ptr<client::Cluster> cluster, const Settings& settings,
          const PreparedTopics& topics, std::optional<DirectoryLock> lock, const Clock& clock);

  std::shared_ptr<client::Cluster> cluster_;
  std::optional<DirectoryLock> lock_;
  ServiceMetrics metrics_;
  TargetTable targets_;
  CalendarReader calendars_;
  GroupMember member_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<std::thread> threads_;
  std::thread group_thread_;
};

}  // namespace horolog::scheduler
