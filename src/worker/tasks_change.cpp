// What Tasks does to one task that is not over: retry now, cancel.

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "scheduler/names.hpp"
#include "scheduler/run_record.hpp"
#include "worker/tasks_core.hpp"

namespace horolog::worker {
namespace {

namespace event = scheduler::event;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool looks_like_fire_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

/// How long a command may take from the log into the scheduler's state.
constexpr milliseconds scheduler_patience{2'000}, look_interval{50};

Error busy(std::string message) { return {Errc::busy, std::move(message)}; }

}  // namespace

/// Empty when it was accepted, else why not.
Result<std::string> TasksCore::decide(client::SchedulesCore::Sending sending) {
  HOROLOG_ASSIGN(SentCommand sent, client::SchedulesCore::stored(std::move(sending)));
  HOROLOG_ASSIGN(const auto decisions,
                 schedules_.decisions({std::move(sent)}, cluster_->options().request_timeout));
  const CommandDecision& decision = decisions.front();
  switch (decision.kind) {
    case CommandDecision::Kind::accepted: return std::string();
    case CommandDecision::Kind::undecided:
      return Error(Errc::timed_out, "no scheduler has decided about it: is one running?");
    default: break;
  }
  return decision.reason.empty() ? std::string("a newer command was there before it")
                                 : decision.reason;
}

Result<std::optional<ScheduleState>> TasksCore::find_schedule(const std::string& key) {
  for (const auto until = steady_clock::now() + scheduler_patience;;) {
    HOROLOG_ASSIGN(auto found, schedules_.state_of(key));
    if (found) return found;
    if (steady_clock::now() >= until) return std::optional<ScheduleState>();
    std::this_thread::sleep_for(look_interval);
  }
}

Status TasksCore::bring_forward(const TaskInfo& task) {
  const std::string key =
      fmt::format("{}{}:{}", scheduler::retry_prefix, task.fire_id, task.attempt() + 1);
  HOROLOG_ASSIGN(const auto found, find_schedule(key));
  if (!found)
    return busy(fmt::format("attempt {} of task {} is due and on its way, or no scheduler runs",
                            task.attempt() + 1, task.fire_id));
  const ScheduleState& state = *found;
  std::vector<Header> headers;
  for (const Header& each : state.headers)
    if (each.key != scheduler::header::delay && each.key != scheduler::header::at)
      headers.push_back(each);
  headers.push_back({std::string(scheduler::header::delay), "1ms"});
  schedules_.begin();
  // On condition that it is still there: a second one of this name would be a second attempt.
  HOROLOG_ASSIGN(auto sending, schedules_.start(key, headers, state.value, state.generation));
  HOROLOG_ASSIGN(const std::string refused, decide(std::move(sending)));
  if (refused.empty()) return {};
  return busy(fmt::format("attempt {} of task {} was due already: {}", task.attempt() + 1,
                          task.fire_id, refused));
}

Result<TaskRetry> TasksCore::retry(const std::string& fire_id) {
  HOROLOG_ASSIGN(const TaskInfo task, describe(fire_id));
  if (task.state() == "retrying") {
    HOROLOG_TRY(bring_forward(task));
    return TaskRetry{TaskRetry::Kind::now, fire_id, task.topic};
  }
  if (task.state() != event::dead) return busy(refusal(task, "retried"));
  return retry_letter(task);
}

Result<TaskCancel> TasksCore::cancel_schedule(const std::string& key) {
  HOROLOG_ASSIGN(const auto found, find_schedule(key));
  if (!found)
    return Error(Errc::not_found,
                 fmt::format("there is no task and no schedule '{}': 'horolog task ls' and "
                             "'horolog schedule ls' show them", key));
  const ScheduleState& state = *found;
  if (state.header(scheduler::header::at) == nullptr &&
      state.header(scheduler::header::delay) == nullptr)
    return busy(fmt::format("'{}' is a schedule that fires again and again, not one task: 'horolog "
                            "schedule rm' ends it", key));
  schedules_.begin();
  HOROLOG_ASSIGN(auto sending,
                 schedules_.start(key, {}, std::nullopt, state.generation));
  HOROLOG_ASSIGN(const std::string refused, decide(std::move(sending)));
  if (!refused.empty())
    return busy(fmt::format("schedule '{}' was not cancelled: {}", key, refused));
  return TaskCancel{TaskCancel::Kind::unplanned, key};
}

Result<client::CommittedReader> TasksCore::follow_runs() {
  const std::string runs(scheduler::topic::runs);
  HOROLOG_ASSIGN(const PartitionIndex count, client::count_partitions(cluster_, runs));
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < count; ++p) places.push_back({runs, p});
  HOROLOG_ASSIGN(const auto ends, client::stable_ends(cluster_, places));
  return client::CommittedReader::open(cluster_, ends);
}

Result<TaskCancel> TasksCore::await_cancel(const std::string& fire_id,
                                           client::CommittedReader& runs, milliseconds timeout) {
  TaskCancel out{TaskCancel::Kind::noted, fire_id};
  std::string ended;
  const auto until = steady_clock::now() + timeout;
  while (ended.empty()) {
    HOROLOG_TRY(runs.poll(milliseconds(50), [&](const RecordView& record) {
      if (record.key.text() != fire_id) return;
      const auto run = scheduler::RunRecord::parse(record.value.text());
      if (!run) return;
      if (run->event == event::started) out.kind = TaskCancel::Kind::running;
      if (scheduler::ends_run(run->event)) ended = run->event;
    }));
    if (steady_clock::now() >= until) break;
  }
  if (ended == event::cancelled) out.kind = TaskCancel::Kind::cancelled;
  if (ended.empty() || ended == event::cancelled) return out;
  // The cancel came too late, and would stay for ever.
  HOROLOG_TRY(set_control(cancel_key(fire_id), std::nullopt));
  return busy(fmt::format("task {} was not cancelled: it is {} meanwhile", fire_id, ended));
}

Status TasksCore::forget_stale_cancels() {
  HOROLOG_ASSIGN(const Controls known, controls());
  for (const std::string& stale : known.stale_cancels(SystemClock().wall_ms()))
    HOROLOG_TRY(set_control(cancel_key(stale), std::nullopt));
  return {};
}

Result<TaskCancel> TasksCore::cancel(const std::string& name, const std::string& reason,
                                     milliseconds timeout) {
  // From before the history is read: nothing is missed between the two.
  HOROLOG_ASSIGN(auto runs, follow_runs());
  HOROLOG_ASSIGN(const TaskHistory all, history(0));
  const TaskInfo* task = all.find(name);
  if (task == nullptr && !looks_like_fire_id(name)) {
    HOROLOG_ASSIGN(const auto pending, schedules_.state_of(name));
    task = pending ? nullptr : all.find_fired_by(name);
    if (task == nullptr) return cancel_schedule(name);
  }
  const std::string fire_id = task == nullptr ? name : task->fire_id;
  if (task != nullptr && task->is_over()) return busy(refusal(*task, "cancelled"));
  HOROLOG_TRY(forget_stale_cancels());
  HOROLOG_TRY(set_control(cancel_key(fire_id), ControlNote{SystemClock().wall_ms(), reason}));
  const std::string_view state = task == nullptr ? "waiting" : task->state();
  if (state == "running") return TaskCancel{TaskCancel::Kind::running, fire_id};
  if (state == "retrying") {
    // What is due now is over now. It may have become due by itself.
    if (const auto now = bring_forward(*task); !now && now.error().code() != Errc::busy)
      return now.error();
  }
  return await_cancel(fire_id, runs, timeout);
}

}  // namespace horolog::worker
