#include "horolog/task.hpp"

#include "worker/job.hpp"

namespace horolog {

const RecordView& Task::record() const { return *job_->record; }

std::optional<std::string_view> Task::header(std::string_view name) const {
  for (const HeaderView& each : record().headers)
    if (each.key == name && !each.value.is_null()) return each.value.text();
  return std::nullopt;
}

const std::string& Task::fire_id() const { return job_->fields.fire_id; }
const std::optional<std::string>& Task::schedule() const { return job_->fields.schedule; }
std::int64_t Task::attempt() const { return job_->fields.attempt; }
std::int64_t Task::max_attempts() const { return job_->max_attempts; }

std::optional<std::chrono::steady_clock::time_point> Task::deadline() const {
  if (job_->deadline_ns == 0) return std::nullopt;
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
          std::chrono::nanoseconds(job_->deadline_ns)));
}

bool Task::cancelled() const { return job_->cancelled; }

}  // namespace horolog
