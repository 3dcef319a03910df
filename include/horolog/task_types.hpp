#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "horolog/record.hpp"
#include "horolog/schedule_types.hpp"
#include "horolog/types.hpp"

/// What Tasks takes and gives. Plain values.
namespace horolog {

/// How a task is to be worked on. What is not set is left to the workers.
struct TaskOptions {
  std::optional<std::string> key{};  ///< of its record: decides the partition, and the order
  std::vector<Header> headers{};     ///< names that do not start with "horolog-"

  // Due later, or one of its name: a schedule that fires once. Needs a scheduler.
  std::optional<std::chrono::milliseconds> delay{};
  std::optional<TimestampMs> at{};
  /// Replaces the task of that name that is not due yet.
  std::optional<std::string> unique{};

  std::optional<std::int64_t> priority{};  ///< 0 to 9, higher first; 5 without one
  std::optional<std::string> lane{};
  /// Not started later than that, after it is due.
  std::optional<std::chrono::milliseconds> expires{};
  std::optional<TimestampMs> expires_at{};
  std::optional<std::int64_t> max_attempts{};
  std::optional<std::chrono::milliseconds> backoff{};  ///< at least a millisecond
  std::optional<std::chrono::milliseconds> timeout{};  ///< of one attempt
};

/// A task as it was given out: one of the two names it.
struct SubmittedTask {
  std::optional<std::string> fire_id;
  std::optional<std::string> schedule;  ///< of one that is due later
  PartitionIndex partition = 0;         ///< in its topic, or in that of the schedules
  Offset offset = no_offset;
};

/// One line of a task's timeline.
struct TaskEvent {
  TimestampMs at = 0;
  std::string event;  ///< "fired", "started", "failed", "succeeded"…: src/worker/FORMAT.md
  std::int64_t attempt = 0;
  std::optional<std::string> worker{};
  std::optional<std::int64_t> duration_us{};
  std::optional<std::string> reason{};
};

/// One task, as far as the history goes.
struct TaskInfo {
  std::string fire_id;
  std::string topic;
  std::optional<std::string> schedule;
  std::optional<std::string> group;  ///< whose worker wrote last
  std::optional<TimestampMs> nominal_at;
  std::optional<TimestampMs> produced_at;  ///< timestamp of the last attempt's record
  std::optional<TimestampMs> retry_at;     ///< while it waits for that
  std::vector<TaskEvent> events;           ///< by time, at least one

  /// "waiting", "running", "retrying"; final: "succeeded", "dead", "expired", "stopped",
  /// "cancelled"; of a dead one later "retried" or "discarded".
  std::string_view state() const;
  bool is_over() const;
  /// The highest number; 0: none has begun.
  std::int64_t attempt() const;
  const TaskEvent& last() const { return events.back(); }
};

/// Of one topic: how many tasks are in which state, and how long attempts took.
struct TaskFigures {
  std::map<std::string, std::int64_t, std::less<>> states;
  std::int64_t attempts = 0;  ///< that ended
  std::int64_t failed_attempts = 0;
  std::vector<std::int64_t> execution_us;   ///< sorted: of the handler
  std::vector<std::int64_t> processing_ms;  ///< sorted: from the record to the end of its attempt
  std::map<std::int64_t, std::int64_t> ended_in;  ///< attempts by the second they ended in
  std::map<std::string, std::int64_t> failures;   ///< attempts by their error's first line
  std::map<std::string, std::int64_t> groups;     ///< attempts by the group of their workers
  TimestampMs first = 0, last = 0;                ///< ends of attempts

  /// Ended attempts per second between the first and the last of them; 0 for fewer than two.
  double throughput() const;
  /// Attempts that ended within one second, of all seconds between the first and the last; sorted.
  std::vector<std::int64_t> per_second() const;
};

/// The value that `part` (0 to 1) of a sorted list does not exceed; nullopt for an empty one.
std::optional<std::int64_t> quantile(const std::vector<std::int64_t>& sorted, double part);

/// What a group has not finished in a topic, those that run included.
struct TaskBacklog {
  /// Offsets that are not over: tasks, and at most one more for each transaction that wrote some.
  std::int64_t records = 0;
  /// Timestamp of the oldest such record; nullopt when there is none.
  std::optional<TimestampMs> oldest;
};

/// What became of a wish to cancel a task.
struct TaskCancel {
  enum class Kind : std::uint8_t {
    cancelled,  ///< it has ended so
    unplanned,  ///< it was not due yet: its schedule is gone
    running,    ///< an attempt runs; if that fails, it is not repeated
    noted,      ///< no worker has come to it yet: it ends so when its turn comes
  };
  Kind kind = Kind::noted;
  std::string name;  ///< fire id or schedule
};

/// What retry() did.
struct TaskRetry {
  enum class Kind : std::uint8_t {
    again,  ///< it was dead, and is there as a new task
    now,    ///< it waited for its next attempt: that is due now
  };
  Kind kind = Kind::again;
  std::string fire_id;  ///< of the new task; of the old one with `now`
  std::string topic;
};

/// A task that was put aside.
struct DeadLetter {
  TopicPartition place{};  ///< of the letter
  Offset offset = no_offset;
  TimestampMs timestamp = no_timestamp;
  std::string fire_id{};
  std::int64_t attempt = 0;
  std::string cause{};
  std::optional<TimestampMs> dead_at{};
  std::string topic{};  ///< where its record was
  PartitionIndex partition = 0;
  Offset origin = no_offset;
  std::string worker{};
  std::optional<std::string> schedule{};
  std::optional<std::string> key{}, value{};
  /// What a new task takes along: headers that are not ours, and how it is to be worked on.
  std::vector<Header> headers{};
  bool settled = false;  ///< sent again, or discarded
};

struct PausedTopic {
  std::string topic;
  TimestampMs since = no_timestamp;
  std::string reason;
};

}  // namespace horolog
