#include "scheduler/runner.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "base/log.hpp"
#include "protocol/messages/delete_records.hpp"
#include "scheduler/asking.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

/// The wall clock is read again after this time at the latest: it may have been set.
constexpr TimestampMs longest_nap_ms = 1'000;
constexpr MonoNs idle_ns = 10'000'000'000;
/// While runs are open, completions are looked for this often.
constexpr MonoNs idle_with_open_runs_ns = 500'000'000;
constexpr MonoNs regroup_ns = 10'000'000'000;
constexpr MonoNs trim_ns = 30'000'000'000;
constexpr std::chrono::milliseconds before_another_try{200};
/// What changes is nudged for; a state that does not change is still looked at.
constexpr std::chrono::milliseconds following_nap{5'000};
/// The wait doubles with each failure: to 6.4 s.
constexpr int most_doublings = 5;
constexpr TimestampMs for_ever = std::numeric_limits<TimestampMs>::max();

}  // namespace

Runner::Runner(std::shared_ptr<client::Cluster> cluster, GroupMember& member,
               TargetTable& targets, CalendarReader& calendars, ServiceMetrics& metrics,
               const Clock& clock, Settings settings)
    : cluster_(std::move(cluster)), member_(member), calendars_(calendars), metrics_(metrics),
      clock_(clock),
      settings_(std::move(settings)),
      port_(cluster_, targets,
            {.group = settings_.group,
             .partition = settings_.partition,
             .crossed = settings_.crossed,
             .nudge = nudge_},
            clock),
      owner_({.partition = settings_.partition,
              .partitions = settings_.partitions,
              .check_target = [&targets](const Definition& d) { return targets.check(d); },
              .check_size = [&targets](const OutRecord& r) { return targets.check_size(r); },
              .refusal = [&targets](const Fire& fire) { return targets.refusal(fire); }},
             port_, calendars.lookup(),
             {.crossed = settings_.crossed,
              .visible = [this](const Fire& fire) {
                metrics_.lateness.record_ns((clock_.wall_ms() - fire.due_ms) * 1'000'000);
              }},
             settings_.keeping),
      commands_(cluster_, {std::string(topic::commands), settings_.partition}, nudge_) {}

void Runner::run() {
  while (!stopping_) turn();
  drop();
  port_.stop();
}

void Runner::turn() {
  const GroupMember::View view = member_.view();
  if (!view.assigned.contains(settings_.partition)) {
    drop();
    return follow();
  }
  if (!owner_.owned()) return take_over();
  const MonoNs began = clock_.mono_ns();
  const TimestampMs now = read_clock();
  owner_.calendars_changed(calendars_.changed_since(calendar_change_));
  const Ticked ticked = owner_.tick(now, view.membership);
  metrics_.tick.record_ns(clock_.mono_ns() - began);
  owner_.keep(now);
  count();
  trim();
  if (ticked == Ticked::wait_for_group) wait_for_group(view.membership.generation);
  if (ticked == Ticked::dropped) drop();
  if (ticked == Ticked::idle) wait_for_work(now);
}

TimestampMs Runner::read_clock() {
  const TimestampMs now = clock_.wall_ms();
  const ClockWatch::Seen seen = watch_.read(now, clock_.mono_ns());
  owner_.hold(seen.held);
  if (seen.asleep) owner_.resumed_at(now);
  return now;
}

void Runner::follow() {
  if (!owner_.can_follow()) {
    nudge_->wait(std::chrono::milliseconds(longest_nap_ms));
    return;
  }
  owner_.calendars_changed(calendars_.changed_since(calendar_change_));
  const TimestampMs now = clock_.wall_ms();
  if (const Status followed = owner_.follow(now); !followed)
    return wait_after_failure("cannot follow a partition", followed.error());
  failures_ = 0;
  owner_.keep(now);
  if (!owner_.at_end()) return;
  if (!changes_)
    changes_.emplace(cluster_, TopicPartition{std::string(topic::state), settings_.partition},
                     nudge_);
  changes_->watch(owner_.state_position());
  nudge_->wait(following_nap);
}

void Runner::take_over() {
  owner_.calendars_changed(calendars_.changed_since(calendar_change_));
  changes_.reset();
  const Status taken = owner_.take_over([this] { return clock_.wall_ms(); });
  count();
  if (taken) {
    owns_ = true;
    failures_ = 0;
    watch_ = {};
    metrics_.owned.add(1);
    log::info("scheduler", "partition taken over",
              {log::field("partition", settings_.partition),
               log::field("schedules", owner_.state().definitions())});
    return;
  }
  wait_after_failure("cannot take over a partition", taken.error());
}

void Runner::wait_after_failure(std::string_view what, const Error& error) {
  if (stopping_) return;
  log::warn("scheduler", what, {log::field("partition", settings_.partition),
                                log::field("error", error.message())});
  nudge_->wait(before_another_try * (1 << failures_));
  failures_ = std::min(failures_ + 1, most_doublings);
}

void Runner::wait_for_group(std::int32_t generation) {
  const MonoNs until = clock_.mono_ns() + regroup_ns;
  GroupMember::View view = member_.view();
  while (view.membership.generation == generation && clock_.mono_ns() < until && !stopping_) {
    nudge_->wait(before_another_try);
    view = member_.view();
  }
  const bool ours = view.membership.generation != generation &&
                    view.assigned.contains(settings_.partition);
  if (!ours || !owner_.rejoined()) drop();
}

/// Sleeps until a command comes, the next fire is due or something else changes, while a request
/// waits at the broker.
void Runner::wait_for_work(TimestampMs ticked_at) {
  const MonoNs until = clock_.mono_ns() + (owner_.state().open_runs() > 0 ? idle_with_open_runs_ns
                                                                          : idle_ns);
  // What was due, or sent, and could not be done is not tried again at once.
  const auto due = owner_.wake();
  if (owner_.paused(clock_.wall_ms()) || (due && *due <= ticked_at)) {
    nudge_->wait(before_another_try);
    return;
  }
  do {
    commands_.watch(owner_.read_to());
    const TimestampMs now = read_clock();
    TimestampMs nap = longest_nap_ms;
    if (const auto wake = owner_.wake()) nap = std::clamp<TimestampMs>(*wake - now, 0, nap);
    if (calendars_.changes() != calendar_change_) return;
    if (nap == 0 || nudge_->wait(std::chrono::milliseconds(nap))) return;
  } while (clock_.mono_ns() < until);
}

/// Commands below the position are in the state: the topic does not have to keep them. They stay
/// for one more interval, so that whoever reads along (an auditor, a mirror of the cluster) can.
void Runner::trim() {
  const MonoNs now = clock_.mono_ns();
  if (!owner_.owned() || now - trimmed_at_ < trim_ns) return;
  trimmed_at_ = now;
  const Offset until = std::exchange(trimmable_, owner_.next_command());
  if (until <= trimmed_to_) return;
  trimmed_to_ = until;
  const TopicPartition place{std::string(topic::commands), settings_.partition};
  wire::DeleteRecordsRequest request;
  request.timeout_ms = 5'000;
  request.topics.push_back({place.topic, {{place.partition, trimmed_to_}}});
  (void)ask(*cluster_, client::Target::leader(place), std::move(request),
            {.cap = {0, 2}, .timeout_ns = 6'000'000'000});
}

void Runner::drop() {
  owner_.drop();
  count();
  if (std::exchange(owns_, false)) metrics_.owned.subtract(1);
}

void Runner::count() {
  const OwnerCounts& now = owner_.counts();
  metrics_.fired.add(now.fired - counted_.fired);
  metrics_.missed.add(now.missed - counted_.missed);
  metrics_.skipped.add(now.skipped - counted_.skipped);
  metrics_.rejected.add(now.rejected - counted_.rejected);
  metrics_.stalled.add(now.stalled - counted_.stalled);
  metrics_.commands.add(now.commands - counted_.commands);
  metrics_.committed.add(now.committed - counted_.committed);
  metrics_.aborted.add(now.aborted - counted_.aborted);
  metrics_.takeovers.add(now.takeovers - counted_.takeovers);
  counted_ = now;
  show_sizes();
}

void Runner::show_sizes() {
  Shown now;
  if (owner_.owned()) {
    now.pending = static_cast<std::int64_t>(owner_.state().definitions());
    now.lag = owner_.lag();
    if (const auto& mirror = owner_.state().mirror()) {
      const TimestampMs wall = clock_.wall_ms();
      const auto later = [&](TimestampMs than) {
        return static_cast<std::int64_t>(mirror->pending().count(wall + than, for_ever));
      };
      now.later_than_hour = later(3'600'000);
      now.later_than_day = later(86'400'000);
      now.mirrored = static_cast<std::int64_t>(mirror->size());
      now.mirror_memory = static_cast<std::int64_t>(mirror->memory_bytes());
      now.mirror_file = static_cast<std::int64_t>(mirror->file_bytes());
    }
  }
  metrics_.pending.add(now.pending - shown_.pending);
  metrics_.later_than_hour.add(now.later_than_hour - shown_.later_than_hour);
  metrics_.later_than_day.add(now.later_than_day - shown_.later_than_day);
  metrics_.lag.add(now.lag - shown_.lag);
  metrics_.mirrored.add(now.mirrored - shown_.mirrored);
  metrics_.mirror_memory.add(now.mirror_memory - shown_.mirror_memory);
  metrics_.mirror_file.add(now.mirror_file - shown_.mirror_file);
  shown_ = now;
}

}  // namespace horolog::scheduler
