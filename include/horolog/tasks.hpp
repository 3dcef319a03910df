#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/options.hpp"
#include "horolog/record.hpp"
#include "horolog/task_types.hpp"

namespace horolog {

namespace client {
class Cluster;
}
namespace worker {
class TasksCore;
}

/// Gives out tasks, and watches and steers what workers (horolog::Worker, `horolog task work`, or
/// any by tools/TASKS.md) make of them. Works through ordinary topics of any Kafka-protocol
/// cluster: the history of the scheduler, the dead-letter topics, and `horolog.tasks`.
///
///     auto tasks = Tasks::open({.bootstrap = "localhost:9092"});
///     auto sent = tasks->submit("emails", body, {.key = "eu", .max_attempts = 3});
///     auto info = tasks->describe(*sent->fire_id);
///
/// The history knows a task from its fire on; one that was produced plainly from its first
/// attempt's end, or when that takes longer than a second. Everything is read with read_committed,
/// up to the end as it is at the call.
///
/// Thread rules: every function waits, and may be called on any thread, one at a time.
/// Errors: Errc::not_found for a topic or task that is not there, or when the scheduler's topics
/// are missing (no scheduler has run on the cluster yet); busy: the task is in a state in which
/// that cannot be done, and the text names it; invalid_argument: the options.
class Tasks {
 public:
  using Timeout = std::chrono::milliseconds;

  /// Errc::invalid_argument: the options. Nothing is connected yet.
  static Result<Tasks> open(ClientOptions options);
  /// On connections that others use as well.
  explicit Tasks(std::shared_ptr<client::Cluster> cluster);
  ~Tasks();
  Tasks(Tasks&&) noexcept;
  Tasks& operator=(Tasks&&) noexcept;

  /// Durable when it returns.
  Result<SubmittedTask> submit(const std::string& topic, Bytes value,
                               const TaskOptions& options = {});

  // What there is.

  /// Tasks of which something happened since then (0: of all that is kept), the latest first.
  Result<std::vector<TaskInfo>> list(TimestampMs since,
                                     const std::function<bool(const TaskInfo&)>& wanted = {});
  Result<TaskInfo> describe(const std::string& fire_id);
  /// By topic, of what happened since then.
  Result<std::map<std::string, TaskFigures>> figures(TimestampMs since);
  Result<TaskBacklog> backlog(const std::string& topic, const std::string& group);

  // One task.

  /// Of a dead task: gives it out once more as a new one, with all its attempts; exactly once,
  /// however often and from wherever it is called. Of one that waits for its next attempt: makes
  /// that due now. Errc::busy for every other state.
  Result<TaskRetry> retry(const std::string& fire_id);
  /// By the fire id, or the schedule of one that is not due yet. No attempt starts once the
  /// workers have read of it; a task that runs is not stopped, but not repeated either. Waits at
  /// most `timeout` for what a worker makes of it. One whose task never comes is in force for 30
  /// days. Errc::busy: it was over, or ended otherwise.
  Result<TaskCancel> cancel(const std::string& name, const std::string& reason, Timeout timeout);
  /// Of a dead task: settles its letter, so that it is never sent again.
  Status discard(const std::string& fire_id, const std::string& reason);

  // Dead letters. `topic`: that of the tasks.

  Result<std::vector<DeadLetter>> dead_letters(const std::string& topic);
  /// Sends those that are not settled once more, in one transaction, and gives them. Which are
  /// settled is kept as the offsets of the group TOPIC.dlq-retried.
  Result<std::vector<DeadLetter>> retry_dead(const std::string& topic);

  // Topics.

  /// Workers of all groups start no task of it any more, within a moment; running ones end.
  Status pause(const std::string& topic, const std::string& reason);
  Status resume(const std::string& topic);
  Result<std::vector<PausedTopic>> paused();

 private:
  std::unique_ptr<worker::TasksCore> core_;
};

}  // namespace horolog
