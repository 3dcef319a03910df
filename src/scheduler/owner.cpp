#include "scheduler/owner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::size_t most_records_per_tick = 2'000;
/// Schedules brought from the mirror in a tick: more than it fires, so that they never run out.
constexpr std::size_t most_brought_per_tick = 2'000;
/// Without open runs, completions mean nothing; their position is moved on now and then.
constexpr TimestampMs runs_interval_ms = 5'000;
constexpr TimestampMs topics_interval_ms = 5'000;
/// After a transaction that failed for a reason that passes, doubling.
constexpr TimestampMs first_pause_ms = 100, longest_pause_ms = 5'000;

std::string_view name_of(Feed feed) {
  switch (feed) {
    case Feed::state: return topic::state;
    case Feed::commands: return topic::commands;
    default: return topic::runs;
  }
}

}  // namespace

Owner::Owner(PlanContext context, PartitionPort& port, CalendarLookup calendars, Hooks hooks,
             Keeping keeping)
    : context_(std::move(context)), port_(port), calendars_(std::move(calendars)),
      hooks_(std::move(hooks)), keeping_(std::move(keeping)), state_(calendars_),
      watching_(port.watched_topics()) {
  if (WatchedTopics* topics = port.watched_topics())
    context_.watch_starts = [topics](const std::string& topic, TimestampMs since) {
      return topics->starts(topic, since);
    };
}

std::optional<TimestampMs> Owner::wake() const {
  if (held_) return std::nullopt;
  std::optional<TimestampMs> first;
  const auto sooner = [&](std::optional<TimestampMs> other) {
    if (other) first = std::min(first.value_or(*other), *other);
  };
  state_.due().walk(
      std::numeric_limits<TimestampMs>::max(),
      [&](const std::string& target) { return stalls_.holds(target); },
      [&](const DueIndex::Due& due) {
        sooner(due.wake);
        return false;
      });
  sooner(state_.next_advance());
  sooner(stalls_.next_try());
  sooner(watching_.wake(state_));
  if (!state_.backfilling().empty()) sooner(live_since_);
  return first;
}

Result<std::vector<InRecord>> Owner::read_until(Feed feed, Offset from, Offset until,
                                                Offset& next) {
  std::vector<InRecord> records;
  next = from;
  while (next < until && records.size() < most_records_per_tick) {
    auto batch = port_.read(feed, next, 0);
    if (!batch) return batch.error().with_context(name_of(feed));
    if (batch->next == next) break;
    next = batch->next;
    for (InRecord& in : batch->records) records.push_back(std::move(in));
  }
  return records;
}

/// Reads commands and completions into the planner. True when every command that was committed
/// before `now` has been read: only then may what is due at `now` be fired.
Result<bool> Owner::gather(Planner& planner, TimestampMs now) {
  HOROLOG_ASSIGN(const Offset until, port_.stable_end(Feed::commands));
  if (until < read_to())
    return Error(Errc::out_of_range,
                 fmt::format("{}-{} ends at {}, before what was read of it, {}", topic::commands,
                             context_.partition, until, read_to()));
  commands_end_ = until;
  Offset next_command = read_to();
  HOROLOG_ASSIGN(const auto commands, read_until(Feed::commands, next_command, until,
                                                 next_command));
  if (commands.empty()) read_to_ = next_command;
  for (const InRecord& in : commands) planner.command(in);
  counts_.commands += commands.size();
  Offset next_run = state_.meta().next_run;
  const bool open = state_.open_runs() > 0;
  if (open || !runs_read_ || now - *runs_read_ >= runs_interval_ms) {
    runs_read_ = now;
    HOROLOG_ASSIGN(const Offset end, port_.stable_end(Feed::runs));
    HOROLOG_ASSIGN(const Offset start, port_.log_start(Feed::runs));
    // Outside of what there is: the history was trimmed, or made anew.
    if (open && start <= next_run && next_run <= end) {
      HOROLOG_ASSIGN(const auto runs, read_until(Feed::runs, next_run, end, next_run));
      for (const InRecord& in : runs) planner.run(in);
    } else {
      next_run = open ? start : end;
    }
  }
  if (!commands.empty() || open) planner.skip_to(next_command, next_run);
  return next_command >= until;
}

/// Before anything else in a tick, so that nothing is fired by a calendar that is known to be old.
void Owner::read_changed_calendars(Planner& planner, TimestampMs now) {
  if (!changed_calendars_.empty()) {
    const auto keys = state_.calendars_changed(changed_calendars_);
    if (keys) {
      to_recheck_.insert(keys->begin(), keys->end());
      changed_calendars_.clear();
    }
  }
  for (const std::string& key : to_recheck_) planner.calendar_changed(key, now);
}

Ticked Owner::tick(TimestampMs now, const Membership& membership) {
  if (!owned_) return Ticked::dropped;
  // Each try leaves records of an aborted transaction: a disk that is full gets no fuller by it.
  if (paused(now)) return Ticked::idle;
  if (const Status brought = state_.advance(now, behind_ ? 0 : most_brought_per_tick); !brought)
    return give_up(brought.error().message());
  Planner planner(state_, context_);
  Tick tick{.now = now, .live_since = live_since_};
  tick.stalled = [this](const std::string& target) { return stalls_.holds(target); };
  if (const auto target = held_ ? std::nullopt : stalls_.ready(now)) {
    tick.only_target = target;
    tick.live_since = now;
    const bool more = planner.due(tick);
    if (planner.records() > 0) return write(std::move(planner), now, membership, more, target);
    stalls_.postpone(*target, now + Stalls::first_ms);
    return Ticked::more;
  }
  read_changed_calendars(planner, now);
  watching_.read(state_, now);
  const auto caught_up = gather(planner, now);
  if (!caught_up) {
    if (caught_up.error().code() == Errc::out_of_range) return give_up(caught_up.error().message());
    log::warn("scheduler", "cannot read", {log::field("partition", context_.partition),
                                           log::field("error", caught_up.error().message())});
    return Ticked::idle;
  }
  if (planner.postponed()) {
    log::warn("scheduler", "a command has to wait",
              {log::field("error", planner.postponed()->message())});
    return Ticked::idle;
  }
  crossed("tick-read");
  bool more = !*caught_up;
  if (*caught_up && !held_) more = watching_.feed(planner, state_, tick);
  behind_ = *caught_up && !held_ && planner.due(tick);
  more = more || behind_;
  for (RunRecord& note : notes_) planner.note(note);
  return write(std::move(planner), now, membership, more, std::nullopt);
}

/// Now and then: a topic that was made anew takes what is written to it.
Status Owner::look_at_topics(TimestampMs now) {
  if (topics_seen_ && now >= *topics_seen_ && now - *topics_seen_ < topics_interval_ms) return {};
  const auto found = port_.topics();
  if (!found && found.error().code() == Errc::not_found) return found.error();
  // Without an answer, the write finds out what is wrong.
  if (!found) return {};
  topics_seen_ = now;
  return check_same_topics(topics_, *found);
}

Ticked Owner::write(Planner planner, TimestampMs now, const Membership& membership, bool more,
                    const std::optional<std::string>& alone) {
  const Transaction transaction = std::move(planner).finish();
  if (!state_.health()) return give_up(state_.health().error().message());
  if (transaction.empty()) {
    watching_.settled();
    return more ? Ticked::more : Ticked::idle;
  }
  if (const Status same = look_at_topics(now); !same) return give_up(same.error().message());
  const Written written = port_.write(transaction, membership);
  crossed("tick-written");
  return settle(written, transaction, now, more, alone);
}

Ticked Owner::settle(const Written& written, const Transaction& transaction, TimestampMs now,
                     bool more, const std::optional<std::string>& alone) {
  using Kind = Written::Kind;
  if (written.kind != Kind::committed) ++counts_.aborted;
  switch (written.kind) {
    case Kind::committed:
      pause_ms_ = 0;
      commit(transaction, written.state_next, now);
      if (!alone) watching_.settled();
      if (alone) {
        stalls_.recovered(*alone);
      } else {
        notes_.clear();
        to_recheck_.clear();
      }
      return more || !transaction.fires.empty() ? Ticked::more : Ticked::idle;
    case Kind::target_failed:
      if (stalls_.failed(written.target, now)) {
        ++counts_.stalled;
        RunRecord note;
        note.event = std::string(event::stalled);
        note.target = written.target;
        note.reason = written.reason;
        note.at_ms = now;
        notes_.push_back(std::move(note));
        log::warn("scheduler", "a target takes no records",
                  {log::field("target", written.target), log::field("reason", written.reason)});
      }
      return Ticked::more;
    case Kind::old_generation: return Ticked::wait_for_group;
    case Kind::lost:
    case Kind::unresolved: return give_up(written.reason);
    case Kind::failed:
      topics_seen_.reset();
      pause_ms_ = std::clamp(2 * pause_ms_, first_pause_ms, longest_pause_ms);
      paused_at_ = now;
      log::warn("scheduler", "a transaction was aborted",
                {log::field("partition", context_.partition),
                 log::field("reason", written.reason)});
      return Ticked::idle;
  }
  return Ticked::dropped;
}

void Owner::commit(const Transaction& transaction, Offset state_next, TimestampMs now) {
  for (const OutRecord& record : transaction.state) {
    const Status replayed = state_.replay(record);
    // What was planned can be read; that the mirror fails is found out before the next one.
    HOROLOG_ASSERT(replayed.ok() || !state_.health().ok());
  }
  state_position_ = std::max(state_position_, state_next);
  as_of_ = std::max(as_of_, now);
  committed_ = transaction.next_command;
  ++counts_.committed;
  counts_.fired += transaction.fires.size();
  for (const RunRecord& run : transaction.runs) {
    counts_.missed += run.event == event::missed ? run.count.value_or(1) : 0;
    counts_.skipped += run.event == event::skipped || run.event == event::overrun;
    counts_.rejected += run.event == event::rejected;
  }
  if (hooks_.visible)
    for (const Fire& fire : transaction.fires) hooks_.visible(fire);
}

Ticked Owner::give_up(std::string_view why) {
  drop();
  log::warn("scheduler", "partition dropped", {log::field("partition", context_.partition),
                                               log::field("reason", why)});
  return Ticked::dropped;
}

}  // namespace horolog::scheduler
