#include "worker/task_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/names.hpp"
#include "timekeeping/time_text.hpp"
#include "timekeeping/zone.hpp"
#include "worker/names.hpp"

namespace horolog::worker {
namespace {

namespace event = scheduler::event;

/// Events of one fire; the others are about schedules.
bool is_of_task(std::string_view name) {
  for (const std::string_view known :
       {event::fired, event::started, event::failed, event::succeeded, event::dead, event::expired,
        event::stopped, event::cancelled, event::timed_out, event::cancel_requested,
        event::retried, event::discarded})
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

/// Steps that two machines may have written with the same millisecond.
int rank(std::string_view name) {
  if (name == event::fired) return 0;
  if (name == event::started) return 1;
  if (name == event::retried || name == event::discarded) return 3;
  return 2;
}

}  // namespace

void TaskHistory::add(std::string_view value) {
  const auto run = scheduler::RunRecord::parse(value);
  if (!run || !run->fire_id || !is_of_task(run->event)) return;
  TaskInfo& task = tasks_[*run->fire_id];
  task.fire_id = *run->fire_id;
  if (run->target) task.topic = *run->target;
  // The fire of a plain task's retry names the retry.
  const bool named = run->schedule && !run->schedule->starts_with(scheduler::retry_prefix);
  if (named) task.schedule = run->schedule;
  if (named && run->nominal_ms) task.nominal_at = run->nominal_ms;
  if (run->event == event::failed) task.retry_at = run->others.number(field::retry_ms);
  if (auto group = run->others.text(field::group)) task.group = std::move(group);
  if (const auto at = run->others.number(field::produced_ms)) task.produced_at = at;
  TaskEvent line{.at = run->at_ms.value_or(run->fired_ms.value_or(0)),
                 .event = run->event,
                 .attempt = run->attempt.value_or(1),
                 .worker = run->worker,
                 .duration_us = run->duration_us,
                 .reason = run->reason};
  const auto after = std::upper_bound(
      task.events.begin(), task.events.end(), line, [](const TaskEvent& a, const TaskEvent& b) {
        if (a.at != b.at) return a.at < b.at;
        return std::pair(a.attempt, rank(a.event)) < std::pair(b.attempt, rank(b.event));
      });
  task.events.insert(after, std::move(line));
  if (ends_attempt(run->event)) add_end(*run);
}

void TaskHistory::add_end(const scheduler::RunRecord& run) {
  End end{.topic = run.target.value_or(""),
          .event = run.event,
          .group = run.others.text(field::group).value_or(""),
          .at = run.at_ms.value_or(0),
          .execution_us = run.duration_us,
          .processing_ms = {},
          .reason = run.reason ? first_line(*run.reason) : std::string()};
  if (const auto produced = run.others.number(field::produced_ms); produced && run.at_ms)
    end.processing_ms = std::max<std::int64_t>(0, *run.at_ms - *produced);
  ends_.push_back(std::move(end));
}

std::vector<const TaskInfo*> TaskHistory::latest() const {
  std::vector<const TaskInfo*> out;
  for (const auto& [id, task] : tasks_) out.push_back(&task);
  std::sort(out.begin(), out.end(), [](const TaskInfo* a, const TaskInfo* b) {
    if (a->last().at != b->last().at) return a->last().at > b->last().at;
    return a->fire_id < b->fire_id;
  });
  return out;
}

const TaskInfo* TaskHistory::find(const std::string& fire_id) const {
  const auto at = tasks_.find(fire_id);
  return at == tasks_.end() ? nullptr : &at->second;
}

const TaskInfo* TaskHistory::find_fired_by(const std::string& schedule) const {
  for (const TaskInfo* task : latest())
    if (task->schedule == schedule) return task;
  return nullptr;
}

std::map<std::string, TaskFigures> TaskHistory::figures() const {
  std::map<std::string, TaskFigures> out;
  for (const auto& [id, task] : tasks_) ++out[task.topic].states[std::string(task.state())];
  for (const End& end : ends_) {
    TaskFigures& its = out[end.topic];
    its.first = its.attempts == 0 ? end.at : std::min(its.first, end.at);
    its.last = std::max(its.last, end.at);
    ++its.attempts;
    ++its.ended_in[end.at / 1'000];
    if (!end.group.empty()) ++its.groups[end.group];
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

std::string refusal(const TaskInfo& task, std::string_view verb) {
  const std::string_view state = task.state();
  const std::string when = timekeeping::format_instant(task.last().at, timekeeping::Zone());
  const auto because = [&](std::string_view why) {
    return fmt::format("task {} cannot be {}: {}", task.fire_id, verb, why);
  };
  if (state == event::succeeded)
    return because(fmt::format("it is done since {}; 'horolog task submit {}' gives out another",
                               when, task.topic));
  if (state == event::retried)
    return because(fmt::format("{} at {}", task.last().reason.value_or("it was sent again"), when));
  if (state == "running")
    return because(fmt::format("attempt {} runs since {}", task.attempt(), when));
  if (state == "waiting") return because("it waits for its first attempt; nothing has failed yet");
  if (state == "retrying")
    return because("it waits for its next attempt; 'horolog task cancel' ends that");
  return because(fmt::format("it is {} since {}", state, when));
}

}  // namespace horolog::worker
