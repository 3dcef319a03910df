#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/task_types.hpp"
#include "scheduler/run_record.hpp"

namespace horolog::worker {

/// What the run records say of tasks. Pure.
class TaskHistory {
 public:
  /// A run record's value. One that is none, or not about a task, is passed over.
  void add(std::string_view value);
  /// In the order of their last events, the latest first.
  std::vector<const TaskInfo*> latest() const;
  const TaskInfo* find(const std::string& fire_id) const;
  /// The latest task that the schedule fired.
  const TaskInfo* find_fired_by(const std::string& schedule) const;
  /// By topic.
  std::map<std::string, TaskFigures> figures() const;

 private:
  struct End {
    std::string topic;
    std::string event;
    std::string group;
    TimestampMs at = 0;
    std::optional<std::int64_t> execution_us, processing_ms;
    std::string reason;
  };
  void add_end(const scheduler::RunRecord& run);

  std::map<std::string, TaskInfo> tasks_;
  std::vector<End> ends_;
};

/// Why a task in this state cannot be retried, cancelled or discarded; names the way out.
std::string refusal(const TaskInfo& task, std::string_view verb);

}  // namespace horolog::worker
