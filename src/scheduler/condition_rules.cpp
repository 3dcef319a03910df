#include "scheduler/condition_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scheduler/fire_rules.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

bool only_levels(const Definition& definition) {
  return std::all_of(definition.conditions.begin(), definition.conditions.end(),
                     [](const Condition& each) { return each.is_level(); });
}

bool bounded_out(const Definition& definition, TimestampMs at) {
  const auto start = definition.rule.start(), end = definition.rule.end();
  return !definition.gated() && ((start && at < *start) || (end && at > *end));
}

void name_occurrence(Draft& draft, const Entry& entry, std::string_view event,
                     const Occurrence& one, std::string_view reason, TimestampMs now) {
  RunRecord run = run_of(entry, event, now);
  run.nominal_ms = one.at_ms;
  run.trigger = std::string(trigger::condition);
  run.reason = std::string(reason);
  run.others.set("cause", std::string_view(one.cause));
  draft.run(std::move(run));
}

/// The fire that waited at the gate, which stands for those that it overtook.
WaitingFire open_gate(Draft& draft, Entry& entry, TimestampMs now) {
  Gated gate = *std::exchange(entry.cursor.when->gate, std::nullopt);
  if (gate.count > 1) {
    entry.cursor.skipped += gate.count - 1;
    name_span(draft, entry, event::skipped,
              {.first = gate.first_ms, .last = gate.nominal_ms - 1, .count = gate.count - 1},
              "the conditions did not hold before the next time", now);
  }
  return {.nominal_ms = gate.nominal_ms,
          .generation = entry.definition->generation,
          .trigger = std::move(gate.trigger),
          .missed = gate.missed + gate.count - 1};
}

/// Occurrences are used up by a fire, levels are not: those fire again when they have not held in
/// between, or at the next time that they gate.
void fire_if_all_hold(Draft& draft, Entry& entry, TimestampMs now) {
  const Definition& definition = *entry.definition;
  ConditionState& when = *entry.cursor.when;
  adopt_generation(entry);
  if (entry.limit_reached() || (definition.gated() && !when.gate)) return;
  const bool levels = only_levels(definition);
  if (levels && !definition.gated() && when.spent) return;
  std::string cause;
  TimestampMs last = 0;
  for (const ConditionProgress& each : when.each) {
    if (!each.held) return;
    cause += (cause.empty() ? "" : "; ") + each.held->cause;
    last = std::max(last, each.held->at_ms);
  }
  for (std::size_t i = 0; i < when.each.size(); ++i)
    if (!definition.conditions[i].is_level()) when.each[i].held.reset();
  when.spent = levels && !definition.gated();
  WaitingFire fire = definition.gated()
                         ? open_gate(draft, entry, now)
                         : WaitingFire{.nominal_ms = last,
                                       .generation = definition.generation,
                                       .trigger = std::string(trigger::condition)};
  fire.cause = std::move(cause);
  if (entry.cursor.waiting.size() >= most_waiting) {
    ++entry.cursor.skipped;
    return name_occurrence(draft, entry, event::overrun, {fire.cause, fire.nominal_ms},
                           fmt::format("{} fires are waiting already", most_waiting), now);
  }
  admit(draft, entry, std::move(fire), now);
  draft.count_admitted();
}

/// Takes up what the `i`-th condition's progress gave.
void take_up(Draft& draft, Entry& entry, std::size_t i, ConditionProgress::Seen seen,
             TimestampMs now) {
  ConditionState& when = *entry.cursor.when;
  ConditionProgress& progress = when.each[i];
  const Condition& condition = entry.definition->conditions[i];
  // A level that ends may have held unnoticed before.
  const bool ended = condition.is_level() && !progress.met;
  if (ended) when.spent = false;
  if (seen.overrun) {
    ++entry.cursor.skipped;
    name_occurrence(draft, entry, event::overrun, *seen.overrun,
                    fmt::format("{} already wait for their delay",
                                ConditionProgress::most_pending), now);
  }
  for (Occurrence& one : seen.occurrences) {
    ++progress.seen;
    progress.last = one;
    if (bounded_out(*entry.definition, one.at_ms)) continue;
    if (entry.cursor.paused_ms && !condition.is_level()) {
      ++entry.cursor.skipped;
      when.in_pause.add(one.at_ms);
      continue;
    }
    progress.held = std::move(one);
    if (!entry.cursor.paused_ms) fire_if_all_hold(draft, entry, now);
  }
  if (!ended) return;
  progress.held.reset();
  when.spent = false;
}

void void_gate(Draft& draft, Entry& entry, std::string_view reason, TimestampMs now) {
  const auto gate = std::exchange(entry.cursor.when->gate, std::nullopt);
  if (!gate) return;
  entry.cursor.skipped += gate->count;
  name_span(draft, entry, event::skipped,
            {.first = gate->first_ms, .last = gate->nominal_ms, .count = gate->count}, reason,
            now);
}

void void_pending(Draft& draft, Entry& entry, const std::vector<Occurrence>& pending,
                  std::string_view reason, TimestampMs now) {
  entry.cursor.skipped += static_cast<std::int64_t>(pending.size());
  for (const Occurrence& one : pending)
    name_occurrence(draft, entry, event::skipped, one, reason, now);
}

/// The entry's progress of that condition; nullptr when the entry has none.
const ConditionProgress* progress_of(const Entry* entry, std::size_t i) {
  if (entry == nullptr || !entry->definition || !entry->cursor.when) return nullptr;
  const auto& each = entry->cursor.when->each;
  return i < std::min(entry->definition->conditions.size(), each.size()) ? &each[i] : nullptr;
}

Result<std::vector<Offset>> starts_of(Draft& draft, const PlanContext& context,
                                      const Condition& condition, TimestampMs since) {
  const bool runs = condition.kind == ConditionKind::after;
  const std::string watched = runs ? std::string(topic::runs) : condition.topic;
  auto starts = context.watch_starts
                    ? context.watch_starts(watched, since)
                    : Result<std::vector<Offset>>(Error(Errc::unsupported, "nothing is watched"));
  if (!starts && (runs || starts.error().code() != Errc::not_found)) return starts.error();
  if (!starts)
    return Error(Errc::invalid_argument,
                 fmt::format("{} column {}: {}: create it first", header::when,
                             condition.topic_column, starts.error().message()));
  if (condition.kind == ConditionKind::lag) return std::vector<Offset>();
  for (std::size_t p = 0; p < starts->size(); ++p) {
    const auto partition = static_cast<PartitionIndex>(p);
    if (!runs || partition == canonical_partition(condition.schedule, context.partitions))
      draft.watch_from({watched, partition}, (*starts)[p]);
  }
  return starts;
}

}  // namespace

Status begin_conditions(Draft& draft, const PlanContext& context, Entry& entry,
                        TimestampMs since) {
  const std::vector<Condition>& conditions = entry.definition->conditions;
  constexpr std::string_view replaced = "replaced before it fired";
  if (entry.cursor.when) void_gate(draft, entry, replaced, since);
  std::optional<ConditionState> old = std::exchange(entry.cursor.when, std::nullopt);
  ConditionState fresh;
  for (const Condition& each : conditions) {
    const auto same = [&](const ConditionProgress& one) { return one.text == each.text; };
    if (old) {
      const auto at = std::find_if(old->each.begin(), old->each.end(), same);
      if (at != old->each.end()) {
        fresh.each.push_back(std::move(*at));
        old->each.erase(at);
        continue;
      }
    }
    HOROLOG_ASSIGN(auto from, starts_of(draft, context, each, since));
    fresh.each.push_back(ConditionProgress::begin(each, std::move(from), since));
  }
  if (old)
    for (const ConditionProgress& left : old->each)
      void_pending(draft, entry, left.pending, replaced, since);
  if (!conditions.empty()) entry.cursor.when = std::move(fresh);
  return {};
}

void see_record(Draft& draft, const std::string& key, const WatchedRecord& record,
                TimestampMs now) {
  for (std::size_t i = 0;; ++i) {
    const Entry* known = draft.find(key);
    const ConditionProgress* progress = progress_of(known, i);
    if (progress == nullptr) return;
    const Condition& condition = known->definition->conditions[i];
    if (!progress->concerns(condition, record)) continue;
    Entry& entry = draft.edit(key);
    auto seen = entry.cursor.when->each[i].see_record(condition, record);
    take_up(draft, entry, i, std::move(seen), now);
  }
}

void see_end(Draft& draft, const std::string& key, const std::string& schedule,
             const RunRecord& run, const WatchedRecord& record, TimestampMs now) {
  const auto partition = static_cast<std::size_t>(record.place.partition);
  for (std::size_t i = 0;; ++i) {
    const Entry* known = draft.find(key);
    const ConditionProgress* progress = progress_of(known, i);
    if (progress == nullptr) return;
    const Condition& condition = known->definition->conditions[i];
    if (condition.kind != ConditionKind::after || condition.schedule != schedule ||
        !condition.takes_end(run.event) ||
        (partition < progress->from.size() && record.in.offset < progress->from[partition]))
      continue;
    Entry& entry = draft.edit(key);
    take_up(draft, entry, i,
            entry.cursor.when->each[i].see_end(run.fire_id.value_or(""), record.arrived_ms), now);
  }
}

void see_lag(Draft& draft, const std::string& key, const WatchIndex::Lag& which,
             std::int64_t lag, TimestampMs now) {
  for (std::size_t i = 0;; ++i) {
    const Entry* known = draft.find(key);
    const ConditionProgress* progress = progress_of(known, i);
    if (progress == nullptr) return;
    const Condition& condition = known->definition->conditions[i];
    if (condition.kind != ConditionKind::lag ||
        WatchIndex::Lag{condition.group, condition.topic} != which)
      continue;
    ConditionProgress next = *progress;
    bool changed = false;
    auto seen = next.see_lag(condition, lag, now, changed);
    if (!changed) continue;
    Entry& entry = draft.edit(key);
    entry.cursor.when->each[i] = std::move(next);
    take_up(draft, entry, i, std::move(seen), now);
  }
}

void pass_time(Draft& draft, Entry& entry, const Tick& tick) {
  if (!entry.cursor.when || entry.cursor.paused_ms) return;
  for (std::size_t i = 0; progress_of(&entry, i) != nullptr; ++i) {
    const Condition& condition = entry.definition->conditions[i];
    const bool all_read = tick.read_to_end && tick.read_to_end(condition.topic);
    take_up(draft, entry, i,
            entry.cursor.when->each[i].pass_time(condition, tick.now, all_read), tick.now);
  }
}

bool past_its_end(const Entry& entry, TimestampMs now) {
  const Definition& definition = *entry.definition;
  return !definition.conditions.empty() && bounded_out(definition, now) &&
         definition.rule.end() && now > *definition.rule.end() && entry.cursor.waiting.empty() &&
         entry.cursor.backfills.empty();
}

void offer(Draft& draft, Entry& entry, WaitingFire fire, TimestampMs now) {
  if (!entry.definition->gated() || !entry.cursor.when)
    return admit(draft, entry, std::move(fire), now);
  std::optional<Gated>& gate = entry.cursor.when->gate;
  Gated next{.nominal_ms = fire.nominal_ms,
             .trigger = std::move(fire.trigger),
             .missed = fire.missed,
             .first_ms = gate ? gate->first_ms : fire.nominal_ms,
             .count = gate ? gate->count + 1 : 1};
  if (gate) next.missed += gate->missed;
  gate = std::move(next);
  fire_if_all_hold(draft, entry, now);
}

void void_conditions(Draft& draft, Entry& entry, std::string_view reason, TimestampMs now) {
  if (!entry.cursor.when) return;
  void_gate(draft, entry, reason, now);
  for (ConditionProgress& each : entry.cursor.when->each)
    void_pending(draft, entry, std::exchange(each.pending, {}), reason, now);
}

void resume_conditions(Draft& draft, Entry& entry, TimestampMs now) {
  if (!entry.cursor.when) return;
  ConditionState& when = *entry.cursor.when;
  for (ConditionProgress& each : when.each) {
    const auto fell = [&](const Occurrence& one) { return one.at_ms <= now; };
    for (const Occurrence& one : each.pending)
      if (fell(one)) when.in_pause.add(one.at_ms);
    entry.cursor.skipped += static_cast<std::int64_t>(std::erase_if(each.pending, fell));
  }
  name_span(draft, entry, event::skipped, std::exchange(when.in_pause, {}), "fell in a pause",
            now);
  fire_if_all_hold(draft, entry, now);
}

}  // namespace horolog::scheduler
