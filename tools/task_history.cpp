#include "tools/task_history.hpp"

#include <algorithm>
#include <cmath>

#include "scheduler/names.hpp"
#include "worker/names.hpp"

namespace horolog::command {
namespace {

namespace event = scheduler::event;

/// Events of one fire; the others are about schedules.
bool is_of_task(std::string_view name) {
  for (const std::string_view known :
       {event::fired, event::started, event::failed, event::succeeded, event::dead, event::expired,
        event::stopped, event::timed_out, event::cancel_requested})
    if (name == known) return true;
  return false;
}

bool ends_attempt(std::string_view name) {
  return name == event::failed || name == event::succeeded || name == event::dead ||
         name == event::expired;
}

/// The first line, as what failures are grouped by: a command's whole output differs each time.
std::string first_line(const std::string& reason) {
  constexpr std::size_t longest = 100;
  return reason.substr(0, std::min(reason.find('\n'), longest));
}

}  // namespace

std::string_view TaskRecord::state() const {
  std::string_view state = "waiting";
  for (const TaskEvent& each : events) {
    if (scheduler::ends_run(each.event)) return each.event;
    if (each.event == event::failed) state = "retrying";
    if (each.event == event::started) state = "running";
    if (each.event == event::fired) state = "waiting";
  }
  return state;
}

std::int64_t TaskRecord::attempt() const {
  std::int64_t most = 0;
  for (const TaskEvent& each : events) most = std::max(most, each.attempt);
  return most;
}

double TaskFigures::throughput() const {
  if (attempts < 2 || last_ms <= first_ms) return 0;
  return static_cast<double>(attempts) * 1'000 / static_cast<double>(last_ms - first_ms);
}

std::optional<std::int64_t> quantile(const std::vector<std::int64_t>& sorted, double part) {
  if (sorted.empty()) return std::nullopt;
  const double rank = std::ceil(part * static_cast<double>(sorted.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(index, sorted.size() - 1)];
}

void TaskHistory::add(std::string_view value) {
  const auto run = scheduler::RunRecord::parse(value);
  if (!run || !run->fire_id || !is_of_task(run->event)) return;
  TaskRecord& task = tasks_[*run->fire_id];
  task.fire_id = *run->fire_id;
  if (run->target) task.topic = *run->target;
  // The fire of a plain task's retry names the retry.
  const bool named = run->schedule && !run->schedule->starts_with(scheduler::retry_prefix);
  if (named) task.schedule = run->schedule;
  if (named && run->nominal_ms) task.nominal_ms = run->nominal_ms;
  if (run->event == event::failed) task.retry_ms = run->others.number(worker::field::retry_ms);
  TaskEvent line{.at_ms = run->at_ms.value_or(run->fired_ms.value_or(0)),
                 .event = run->event,
                 .attempt = run->attempt.value_or(1),
                 .worker = run->worker,
                 .duration_us = run->duration_us,
                 .reason = run->reason};
  const auto after = std::upper_bound(
      task.events.begin(), task.events.end(), line,
      [](const TaskEvent& a, const TaskEvent& b) { return a.at_ms < b.at_ms; });
  task.events.insert(after, std::move(line));
  if (ends_attempt(run->event)) add_end(*run);
}

void TaskHistory::add_end(const scheduler::RunRecord& run) {
  End end{.topic = run.target.value_or(""),
          .event = run.event,
          .at_ms = run.at_ms.value_or(0),
          .execution_us = run.duration_us,
          .processing_ms = {},
          .reason = run.reason ? first_line(*run.reason) : std::string()};
  if (const auto produced = run.others.number(worker::field::produced_ms); produced && run.at_ms)
    end.processing_ms = std::max<std::int64_t>(0, *run.at_ms - *produced);
  ends_.push_back(std::move(end));
}

std::vector<const TaskRecord*> TaskHistory::latest() const {
  std::vector<const TaskRecord*> out;
  for (const auto& [id, task] : tasks_) out.push_back(&task);
  std::sort(out.begin(), out.end(), [](const TaskRecord* a, const TaskRecord* b) {
    if (a->last().at_ms != b->last().at_ms) return a->last().at_ms > b->last().at_ms;
    return a->fire_id < b->fire_id;
  });
  return out;
}

const TaskRecord* TaskHistory::find(const std::string& fire_id) const {
  const auto at = tasks_.find(fire_id);
  return at == tasks_.end() ? nullptr : &at->second;
}

std::map<std::string, TaskFigures> TaskHistory::figures() const {
  std::map<std::string, TaskFigures> out;
  for (const auto& [id, task] : tasks_) ++out[task.topic].states[task.state()];
  for (const End& end : ends_) {
    TaskFigures& its = out[end.topic];
    its.first_ms = its.attempts == 0 ? end.at_ms : std::min(its.first_ms, end.at_ms);
    its.last_ms = std::max(its.last_ms, end.at_ms);
    ++its.attempts;
    if (end.execution_us) its.execution_us.push_back(*end.execution_us);
    if (end.processing_ms) its.processing_ms.push_back(*end.processing_ms);
    if (end.event != event::failed && end.event != event::dead) continue;
    ++its.failed_attempts;
    ++its.failures[end.reason];
  }
  for (auto& [topic, its] : out) {
    std::sort(its.execution_us.begin(), its.execution_us.end());
    std::sort(its.processing_ms.begin(), its.processing_ms.end());
  }
  return out;
}

}  // namespace horolog::command
