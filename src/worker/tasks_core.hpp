#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/schedules_core.hpp"
#include "horolog/producer.hpp"
#include "horolog/tasks.hpp"
#include "worker/completed_offsets.hpp"
#include "worker/control_watch.hpp"
#include "worker/task_history.hpp"

namespace horolog::worker {

/// What Tasks is made of. One thread at a time.
class TasksCore {
 public:
  TasksCore(std::shared_ptr<client::Cluster> cluster, bool owns)
      : cluster_(std::move(cluster)), schedules_(cluster_, owns) {}

  Result<SubmittedTask> submit(const std::string& topic, Bytes value, const TaskOptions& options);
  Result<TaskHistory> history(TimestampMs since);
  Result<TaskInfo> describe(const std::string& fire_id);
  Result<TaskBacklog> backlog(const std::string& topic, const std::string& group);

  Result<TaskRetry> retry(const std::string& fire_id);
  Result<TaskCancel> cancel(const std::string& name, const std::string& reason,
                            std::chrono::milliseconds timeout);
  Status discard(const std::string& fire_id, const std::string& reason);

  Result<std::vector<DeadLetter>> dead_letters(const std::string& topic);
  Result<std::vector<DeadLetter>> retry_dead(const std::string& topic);

  Status set_control(const std::string& key, const std::optional<ControlNote>& note);
  Status check_topic(const std::string& topic);
  Result<Controls> controls();

 private:
  Result<std::map<TopicPartition, CompletedOffsets>> finished_by(
      const std::string& group, const std::vector<TopicPartition>& places);
  /// Makes the next attempt of a task that waits for it due now. Errc::busy: it is gone.
  Status bring_forward(const TaskInfo& task);
  Result<TaskRetry> retry_letter(const TaskInfo& task);
  /// Takes the schedule of a task away that is not due yet.
  Result<TaskCancel> cancel_schedule(const std::string& key);
  Result<std::string> decide(client::SchedulesCore::Sending sending);
  /// As the scheduler has it; a command that it has not read yet is waited for, for a moment.
  Result<std::optional<ScheduleState>> find_schedule(const std::string& key);
  /// What a worker makes of a cancel, as the history from `from` on says.
  Result<TaskCancel> await_cancel(const std::string& fire_id, client::CommittedReader& runs,
                                  std::chrono::milliseconds timeout);
  Result<client::CommittedReader> follow_runs();
  /// Takes cancels back whose tasks never came, where no worker does.
  Status forget_stale_cancels();
  Result<Producer*> producer();

  std::shared_ptr<client::Cluster> cluster_;
  client::SchedulesCore schedules_;  ///< closes the cluster when it is ours
  std::optional<Producer> producer_;
};

}  // namespace horolog::worker
