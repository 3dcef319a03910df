#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "horolog/record.hpp"
#include "horolog/types.hpp"

namespace horolog::worker {

inline constexpr int lowest_priority = 0, default_priority = 5, highest_priority = 9;

/// What a record's headers say to the workers.
struct TaskFields {
  std::string fire_id;
  /// Absent when nobody scheduled the task.
  std::optional<std::string> schedule;
  std::optional<std::int64_t> generation;
  std::optional<TimestampMs> nominal_ms;
  std::optional<TimestampMs> fired_ms;
  std::int64_t attempt = 1;
  std::optional<std::int64_t> max_attempts;
  std::optional<std::int64_t> backoff_ms;
  std::optional<std::int64_t> timeout_ms;
  std::optional<TimestampMs> expires_ms;
  int priority = default_priority;
  std::string lane;
  /// Why a header makes no sense: such a task is dead before it starts. Empty: nothing wrong.
  std::string fault;

  /// What decides which partition of the run records is this task's.
  const std::string& home() const { return schedule ? *schedule : fire_id; }
};

/// Of any record: one without our headers is a task as well.
TaskFields read_task_fields(const RecordView& record);

}  // namespace horolog::worker
