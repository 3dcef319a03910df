#include <algorithm>
#include <cmath>

#include "horolog/task_types.hpp"
#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"

namespace horolog {

namespace event = schedule_names::event;

std::string_view TaskInfo::state() const {
  std::string_view state = "waiting";
  bool over = false;
  for (const TaskEvent& each : events) {
    const bool settles = each.event == event::retried || each.event == event::discarded;
    if (settles) return each.event;
    if (over) continue;
    over = scheduler::ends_run(each.event);
    if (over) state = each.event;
    if (each.event == event::failed) state = "retrying";
    if (each.event == event::started) state = "running";
    if (each.event == event::fired) state = "waiting";
  }
  return state;
}

bool TaskInfo::is_over() const {
  const std::string_view now = state();
  return now != "waiting" && now != "running" && now != "retrying";
}

std::int64_t TaskInfo::attempt() const {
  std::int64_t most = 0;
  for (const TaskEvent& each : events) most = std::max(most, each.attempt);
  return most;
}

double TaskFigures::throughput() const {
  if (attempts < 2 || last <= first) return 0;
  return static_cast<double>(attempts) * 1'000 / static_cast<double>(last - first);
}

std::vector<std::int64_t> TaskFigures::per_second() const {
  std::vector<std::int64_t> out;
  if (ended_in.empty()) return out;
  const std::int64_t seconds = ended_in.rbegin()->first - ended_in.begin()->first + 1;
  // Seconds in which nothing ended count as well.
  out.resize(static_cast<std::size_t>(seconds) - ended_in.size());
  for (const auto& [second, count] : ended_in) out.push_back(count);
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<std::int64_t> quantile(const std::vector<std::int64_t>& sorted, double part) {
  if (sorted.empty()) return std::nullopt;
  const double rank = std::ceil(part * static_cast<double>(sorted.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(index, sorted.size() - 1)];
}

}  // namespace horolog
