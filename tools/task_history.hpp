#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/run_record.hpp"

/// What the run records say of tasks. Pure.
namespace horolog::command {

/// One line of a task's timeline.
struct TaskEvent {
  TimestampMs at_ms = 0;
  std::string event;
  std::int64_t attempt = 0;
  std::optional<std::string> worker;
  std::optional<std::int64_t> duration_us;
  std::optional<std::string> reason;
};

/// One task, as far as its run records go.
struct TaskRecord {
  std::string fire_id;
  std::string topic;
  std::optional<std::string> schedule;
  std::optional<TimestampMs> nominal_ms;
  std::optional<TimestampMs> retry_ms;  ///< while it waits for that
  std::vector<TaskEvent> events;        ///< by time

  /// "waiting", "running", "retrying", "succeeded", "dead", "expired", "stopped".
  std::string_view state() const;
  std::int64_t attempt() const;
  const TaskEvent& last() const { return events.back(); }
};

/// Of one topic: how many tasks are in which state, and how long attempts took.
struct TaskFigures {
  std::map<std::string_view, std::int64_t> states;
  std::int64_t attempts = 0;  ///< that ended
  std::int64_t failed_attempts = 0;
  std::vector<std::int64_t> execution_us;   ///< sorted
  std::vector<std::int64_t> processing_ms;  ///< sorted: from the record to the end of its attempt
  TimestampMs first_ms = 0, last_ms = 0;    ///< ends of attempts
  std::map<std::string, std::int64_t> failures;  ///< attempts by their error

  /// Ended attempts per second between the first and the last of them; 0 for fewer than two.
  double throughput() const;
};

/// The value that `part` (0 to 1) of a sorted list does not exceed; nullopt for an empty one.
std::optional<std::int64_t> quantile(const std::vector<std::int64_t>& sorted, double part);

class TaskHistory {
 public:
  /// A run record's value. One that is none, or not about a task, is passed over.
  void add(std::string_view value);
  /// In the order of their last events, the latest first.
  std::vector<const TaskRecord*> latest() const;
  const TaskRecord* find(const std::string& fire_id) const;
  /// By topic.
  std::map<std::string, TaskFigures> figures() const;

 private:
  struct End {
    std::string topic;
    std::string event;
    TimestampMs at_ms = 0;
    std::optional<std::int64_t> execution_us, processing_ms;
    std::string reason;
  };
  void add_end(const scheduler::RunRecord& run);

  std::map<std::string, TaskRecord> tasks_;
  std::vector<End> ends_;
};

}  // namespace horolog::command
