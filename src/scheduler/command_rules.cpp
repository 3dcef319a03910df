#include "scheduler/command_rules.hpp"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "scheduler/condition_rules.hpp"
#include "scheduler/fire_rules.hpp"
#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

constexpr std::size_t most_backfills = 100;

Error invalid(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

RunRecord refusal(const InRecord& in, PartitionIndex partition, std::string_view event,
                  std::string reason) {
  RunRecord run;
  run.event = std::string(event);
  run.schedule = in.record.key;
  run.at_ms = in.timestamp;
  run.column = column_in(reason);
  run.reason = std::move(reason);
  const auto origin = origin_of(in, partition);
  run.origin = origin ? *origin : Origin{partition, in.offset, in.timestamp};
  return run;
}

/// Whether what the partition knows of the key was sent after the command, which therefore comes
/// too late. At equal append times a cancel wins, else the higher place.
bool is_stale(const Entry* known, const Command& command) {
  if (known == nullptr) return false;
  if (known->definition) {
    const bool turns = command.kind == CommandKind::pause || command.kind == CommandKind::resume;
    if (turns && command.origin.appended_ms < known->cursor.acted_ms.value_or(0)) return true;
    const Origin& last = known->definition->origin;
    if (command.origin.appended_ms != last.appended_ms)
      return command.origin.appended_ms < last.appended_ms;
    return command.kind != CommandKind::cancel &&
           std::tie(command.origin.partition, command.origin.offset) <
               std::tie(last.partition, last.offset);
  }
  return known->cursor.cancelled &&
         command.origin.appended_ms <= known->cursor.cancelled->appended_ms;
}

/// The cluster did not answer: that says nothing about the command.
bool passes(const Error& error) {
  return error.code() == Errc::timed_out || error.code() == Errc::closed ||
         error.code() == Errc::io || error.code() == Errc::cancelled || error.code() == Errc::busy;
}

Status check_generation(const Entry* known, const Command& command) {
  if (!command.if_generation) return {};
  const Offset found = known != nullptr && known->definition ? known->definition->generation
                                                             : no_offset;
  if (found == *command.if_generation) return {};
  return invalid(fmt::format("{} is {}, but the schedule's generation is {}: read it again",
                             header::if_generation, *command.if_generation,
                             found == no_offset ? "none" : std::to_string(found)));
}

Status create(Draft& draft, const PlanContext& context, const Command& command,
              TimestampMs arrived) {
  const Definition& next = *command.definition;
  if (next.retry_of.empty() && next.one_shot() &&
      next.rule.at() < arrived - next.catch_up_window)
    return invalid(fmt::format("its time {} lies further back than the catch-up window of {} ms",
                               next.rule.at(), next.catch_up_window));
  HOROLOG_TRY(context.check_target(next));
  const Entry* known = draft.find(command.key);
  Entry replaced = known != nullptr ? *known : Entry{};
  if (replaced.definition) void_unfired(draft, replaced, arrived, "replaced before it fired",
                                        arrived);
  replaced.definition = command.definition;
  replaced.cursor.cancelled.reset();
  HOROLOG_TRY(begin_conditions(draft, context, replaced, command.origin.appended_ms));
  if (const std::string held = replaced.held_by_calendar(); !held.empty())
    return invalid(fmt::format("{}: {}", header::calendar, held));
  if (replaced.over())
    return invalid(replaced.cursor.nominal_ms
                       ? fmt::format("never fires: no time comes after {}, which was the last "
                                     "one of the schedule it replaces", *replaced.cursor.nominal_ms)
                       : "never fires: no time satisfies the rule");
  draft.edit(command.key) = std::move(replaced);
  for (const std::string& surprise : next.rule.surprises()) {
    RunRecord run = run_of(*draft.find(command.key), event::warned, arrived);
    run.reason = surprise;
    draft.run(std::move(run));
  }
  return {};
}

void cancel(Draft& draft, const PlanContext& context, const Command& command,
            TimestampMs arrived) {
  Entry& entry = draft.edit(command.key);
  if (entry.definition) {
    void_unfired(draft, entry, arrived, "cancelled before it fired", arrived);
    void_conditions(draft, entry, "cancelled before it fired", arrived);
  }
  entry.definition.reset();
  entry.cursor = {};
  if (context.partitions > 1) entry.cursor.cancelled = command.origin;
}

void resume(Draft& draft, Entry& entry, TimestampMs arrived) {
  if (!entry.cursor.paused_ms) return;
  entry.cursor.paused_ms.reset();
  resume_conditions(draft, entry, arrived);
  if (entry.definition->catch_up_on_resume) {
    entry.cursor.resumed_ms = arrived;
    return;
  }
  Span span;
  auto nominal = entry.next_nominal();
  for (; nominal && *nominal <= arrived && span.count < most_times_per_step;
       nominal = entry.definition->rule.next(*nominal))
    span.add(*nominal);
  if (nominal && *nominal <= arrived) span.last = arrived;
  entry.cursor.skipped += span.count;
  name_span(draft, entry, event::skipped, span, "fell in a pause", arrived);
  entry.cursor.base_ms = arrived;
  end_if_over(entry);
}

Status act(Draft& draft, const PlanContext& context, const Command& command, const InRecord& in) {
  const Entry* known = draft.find(command.key);
  if (known == nullptr || !known->definition) return invalid("there is no such schedule");
  const TimestampMs arrived = in.timestamp;
  if (command.kind == CommandKind::backfill) {
    if (!known->definition->has_time())
      return invalid("it has no time rule: there are no times that a backfill could repeat");
    if (command.to_ms > arrived)
      return invalid(fmt::format("{} lies in the future: a backfill repeats times that have passed",
                                 header::to));
    if (known->cursor.backfills.size() >= most_backfills)
      return invalid(fmt::format("{} backfills are under way already: wait for them",
                                 most_backfills));
  }
  if (command.kind == CommandKind::trigger && known->cursor.waiting.size() >= most_waiting)
    return invalid(fmt::format("{} fires are waiting already", most_waiting));
  Entry& entry = draft.edit(command.key);
  adopt_generation(entry);
  const bool turns = command.kind == CommandKind::pause || command.kind == CommandKind::resume;
  if (turns && context.partitions > 1) entry.cursor.acted_ms = command.origin.appended_ms;
  switch (command.kind) {
    case CommandKind::pause:
      if (!entry.cursor.paused_ms) entry.cursor.paused_ms = arrived;
      break;
    case CommandKind::resume: resume(draft, entry, arrived); break;
    case CommandKind::trigger:
      admit(draft, entry,
            {.nominal_ms = command.origin.appended_ms,
             .generation = in.offset,
             .trigger = std::string(trigger::manual),
             .missed = 0},
            arrived);
      break;
    default:
      entry.cursor.backfills.push_back({in.offset, command.from_ms - 1, command.to_ms});
      break;
  }
  return {};
}

}  // namespace

void apply_command(Draft& draft, const PlanContext& context, const InRecord& in) {
  const PartitionIndex here = context.partition;
  const auto reject = [&](std::string reason) {
    draft.run(refusal(in, here, event::rejected, std::move(reason)));
  };
  // Before it is forwarded or kept: what the own topics refuse would be tried for ever.
  const Status fits = context.check_size ? context.check_size(in.record) : Status();
  if (!fits && passes(fits.error())) return draft.postpone(fits.error());
  if (!fits) return reject(fits.error().message());
  if (in.record.key && !in.record.key->empty()) {
    const PartitionIndex home = canonical_partition(*in.record.key, context.partitions);
    const bool came_from_owner = find_header(in.record.headers, header::origin) != nullptr;
    if (home != here && came_from_owner)
      return reject(fmt::format("forwarded to partition {}, but partition {} decides about it",
                                here, home));
    if (home != here) return draft.forward({home, forwarded(in, here)});
  }
  auto command = parse_command(in, here, draft.state().calendars());
  if (!command && passes(command.error())) return draft.postpone(command.error());
  if (!command) return reject(command.error().message());
  const Entry* known = draft.find(command->key);
  if (command->forwarded && is_stale(known, *command)) {
    draft.run(refusal(in, here, event::stale,
                      "forwarded, and older than what is known of the schedule"));
    return;
  }
  Status done = check_generation(known, *command);
  if (done) {
    if (command->kind == CommandKind::create) {
      done = create(draft, context, *command, in.timestamp);
    } else if (command->kind == CommandKind::cancel) {
      cancel(draft, context, *command, in.timestamp);
    } else {
      done = act(draft, context, *command, in);
    }
  }
  if (done) return;
  if (passes(done.error())) return draft.postpone(done.error());
  reject(done.error().message());
}

}  // namespace horolog::scheduler
