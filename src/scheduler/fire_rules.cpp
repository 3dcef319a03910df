#include "scheduler/fire_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scheduler/condition_rules.hpp"
#include "scheduler/fired_record.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

void drop(Draft& draft, const Entry& entry, const WaitingFire& fire, std::string_view event,
          std::string_view reason, TimestampMs now) {
  const FireIdentity identity = identity_of(*entry.definition, fire);
  RunRecord run = run_of(entry, event, now);
  run.generation = fire.generation;
  run.fire_id = identity.fire_id;
  run.nominal_ms = fire.nominal_ms;
  run.trigger = identity.trigger;
  run.reason = std::string(reason);
  if (!fire.cause.empty()) run.others.set("cause", std::string_view(fire.cause));
  draft.run(std::move(run));
}

void request_cancel(Draft& draft, const Entry& entry, TimestampMs now) {
  for (const OpenRun& open : entry.cursor.open) {
    RunRecord run = run_of(entry, event::cancel_requested, now);
    run.fire_id = open.fire_id;
    run.fired_ms = open.fired_ms;
    draft.run(std::move(run));
  }
}

void write_fire(Draft& draft, Entry& entry, const WaitingFire& fire, TimestampMs now) {
  const Definition& definition = *entry.definition;
  Fire out = fired_record(definition, fire, now);
  auto refused = draft.refusal(out);
  const bool fires = !refused;
  RunRecord run = run_of_fire(definition, fire, out.due_ms, now, std::move(refused));
  if (fires && definition.overlap != Overlap::allow)
    entry.cursor.open.push_back({*run.fire_id, now});
  if (!fires) ++entry.cursor.skipped;
  draft.run(std::move(run));
  if (fires) draft.fire(std::move(out));
}

/// Whether catch-up decides about a fire that was due then.
bool missed_its_time(const Entry& entry, TimestampMs due, const Tick& tick) {
  if (!entry.definition->retry_of.empty()) return false;
  // A time that a change of the calendar has made one of the past.
  const auto& calendar = entry.definition->rule.calendar();
  if (calendar && due <= calendar->since()) return true;
  return due <= tick.live_since || due < entry.definition->origin.appended_ms ||
         (entry.cursor.resumed_ms && due <= *entry.cursor.resumed_ms);
}

void count_missed(Draft& draft, Entry& entry, const Span& span, std::string_view reason,
                  TimestampMs now) {
  entry.cursor.missed += span.count;
  name_span(draft, entry, event::missed, span, reason, now);
}

/// Deals with times that fell due while nothing fired, by the schedule's catch-up policy.
void catch_up(Draft& draft, Entry& entry, const Tick& tick) {
  const Definition& definition = *entry.definition;
  const TimestampMs oldest = tick.now - definition.catch_up_window;
  Span too_old, coalesced;
  std::optional<TimestampMs> latest;
  std::optional<TimestampMs> nominal = entry.next_nominal();
  const auto caught = [&] {
    return nominal && missed_its_time(entry, definition.rule.due(*nominal), tick) &&
           definition.rule.due(*nominal) <= tick.now;
  };
  std::optional<TimestampMs> all;
  for (std::int64_t looked = 0; looked < most_times_per_step && caught() && !all; ++looked) {
    if (*nominal < oldest || definition.catch_up == CatchUp::none) {
      too_old.add(*nominal);
    } else if (definition.catch_up == CatchUp::all) {
      all = nominal;
    } else {
      if (latest) coalesced.add(*latest);
      latest = nominal;
    }
    entry.cursor.nominal_ms = nominal;
    nominal = definition.rule.next(*nominal);
  }
  if (latest && caught()) coalesced.add(*std::exchange(latest, std::nullopt));
  count_missed(draft, entry, too_old,
               definition.catch_up == CatchUp::none ? "catch-up is none"
                                                    : "older than the catch-up window",
               tick.now);
  count_missed(draft, entry, coalesced, "catch-up is latest: a later fire stands for it", tick.now);
  entry.cursor.carry += coalesced.count;
  if (all || latest)
    offer(draft, entry,
          {.nominal_ms = all ? *all : *latest,
           .generation = definition.generation,
           .trigger = std::string(trigger::catch_up),
           .missed = std::exchange(entry.cursor.carry, 0)},
          tick.now);
}

bool free_lost_runs(Draft& draft, Entry& entry, TimestampMs now) {
  if (!entry.definition->timeout) return false;
  const auto lost = [&](const OpenRun& open) {
    return open.fired_ms + *entry.definition->timeout <= now;
  };
  bool any = false;
  for (const OpenRun& open : entry.cursor.open) {
    if (!lost(open)) continue;
    RunRecord run = run_of(entry, event::timed_out, now);
    run.fire_id = open.fire_id;
    run.fired_ms = open.fired_ms;
    run.reason = "no completion within horolog-timeout";
    draft.run(std::move(run));
    any = true;
  }
  std::erase_if(entry.cursor.open, lost);
  return any;
}

}  // namespace

RunRecord run_of(const Entry& entry, std::string_view event, TimestampMs now) {
  RunRecord run;
  run.event = std::string(event);
  run.at_ms = now;
  if (entry.definition) {
    run.schedule = entry.definition->key;
    run.generation = entry.definition->generation;
  }
  return run;
}

void name_span(Draft& draft, const Entry& entry, std::string_view event, const Span& span,
               std::string_view reason, TimestampMs now) {
  if (span.count == 0) return;
  RunRecord run = run_of(entry, event, now);
  run.nominal_ms = span.first;
  if (span.count > 1) run.until_ms = span.last;
  run.count = span.count;
  run.reason = std::string(reason);
  draft.run(std::move(run));
}

void adopt_generation(Entry& entry) {
  Cursor& cursor = entry.cursor;
  if (cursor.generation == entry.definition->generation) return;
  cursor.generation = entry.definition->generation;
  cursor.fired = 0;
  cursor.carry = 0;
}

void admit(Draft& draft, Entry& entry, WaitingFire fire, TimestampMs now) {
  auto& waiting = entry.cursor.waiting;
  const bool counted = fire.trigger == trigger::time || fire.trigger == trigger::catch_up ||
                       fire.trigger == trigger::condition;
  if (entry.busy()) {
    const Overlap overlap = entry.definition->overlap;
    if (overlap == Overlap::skip) {
      ++entry.cursor.skipped;
      return drop(draft, entry, fire, event::skipped, "overlap is skip: an earlier run is open",
                  now);
    }
    const std::size_t places = overlap == Overlap::buffer_all ? most_waiting : 1;
    if (overlap != Overlap::cancel_other && waiting.size() >= places) {
      ++entry.cursor.skipped;
      return drop(draft, entry, fire, event::overrun,
                  fmt::format("{} already waiting for the open run to end", waiting.size()), now);
    }
    if (overlap == Overlap::cancel_other) {
      if (waiting.empty()) request_cancel(draft, entry, now);
      for (const WaitingFire& older : waiting)
        drop(draft, entry, older, event::skipped, "overlap is cancel-other: a newer one waits",
             now);
      entry.cursor.skipped += static_cast<std::int64_t>(waiting.size());
      waiting.clear();
    }
  }
  if (counted) ++entry.cursor.fired;
  waiting.push_back(std::move(fire));
}

void launch(Draft& draft, Entry& entry, TimestampMs now) {
  while (entry.may_launch()) {
    const WaitingFire fire = std::move(entry.cursor.waiting.front());
    entry.cursor.waiting.erase(entry.cursor.waiting.begin());
    write_fire(draft, entry, fire, now);
  }
}

void void_unfired(Draft& draft, Entry& entry, TimestampMs until, std::string_view reason,
                  TimestampMs now) {
  const Definition& definition = *entry.definition;
  Span span;
  bool more = true;
  for (auto nominal = entry.next_of_rule();
       nominal && (more = *nominal <= until) && span.count < most_times_per_step;
       nominal = definition.rule.next(*nominal))
    span.add(*nominal);
  if (span.count == most_times_per_step && more) {
    // Too many to count here; the record names the range, which is what matters.
    span.last = until;
  }
  entry.cursor.skipped += span.count;
  name_span(draft, entry, event::skipped, span, reason, now);
  for (const WaitingFire& fire : entry.cursor.waiting)
    drop(draft, entry, fire, event::skipped, reason, now);
  entry.cursor.waiting.clear();
  for (const Backfill& left : entry.cursor.backfills) {
    RunRecord run = run_of(entry, event::skipped, now);
    run.generation = left.generation;
    run.nominal_ms = left.after_ms + 1;
    run.until_ms = left.to_ms;
    run.trigger = std::string(trigger::backfill);
    run.reason = std::string(reason);
    draft.run(std::move(run));
  }
  entry.cursor.backfills.clear();
}

void end_if_over(Entry& entry) {
  if (!entry.over()) return;
  entry.definition.reset();
  entry.cursor = {};
}

void step(Draft& draft, Entry& entry, const Tick& tick) {
  if (!entry.definition) {
    entry.cursor = {};
    return;
  }
  adopt_generation(entry);
  free_lost_runs(draft, entry, tick.now);
  pass_time(draft, entry, tick);
  launch(draft, entry, tick.now);
  const auto nominal = entry.next_nominal();
  if (nominal && entry.definition->rule.due(*nominal) <= tick.now) {
    if (missed_its_time(entry, entry.definition->rule.due(*nominal), tick)) {
      catch_up(draft, entry, tick);
    } else {
      entry.cursor.nominal_ms = nominal;
      offer(draft, entry,
            {.nominal_ms = *nominal,
             .generation = entry.definition->generation,
             .trigger = std::string(trigger::time),
             .missed = std::exchange(entry.cursor.carry, 0)},
            tick.now);
    }
    launch(draft, entry, tick.now);
  }
  if (past_its_end(entry, tick.now)) {
    entry.definition.reset();
    entry.cursor = {};
  }
  end_if_over(entry);
}

void fill(Draft& draft, Entry& entry, TimestampMs now) {
  if (entry.busy()) return;
  adopt_generation(entry);
  Backfill& oldest = entry.cursor.backfills.front();
  const auto nominal = entry.definition->rule.next(oldest.after_ms);
  if (nominal && *nominal <= oldest.to_ms) {
    oldest.after_ms = *nominal;
    admit(draft, entry,
          {.nominal_ms = *nominal,
           .generation = oldest.generation,
           .trigger = std::string(trigger::backfill),
           .missed = 0},
          now);
    launch(draft, entry, now);
  } else {
    entry.cursor.backfills.erase(entry.cursor.backfills.begin());
  }
  end_if_over(entry);
}

}  // namespace horolog::scheduler
