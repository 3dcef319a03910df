// check schedule: whether what should have fired did, once, by the topics alone. Nothing of the
// scheduler but its rules is asked: fires are counted in the targets, excuses read in the history.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "client/schedule_names.hpp"
#include "tools/check_verdict.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace header = schedule_names::header;
namespace event = schedule_names::event;

/// What is younger may be committed in one topic and not yet visible in another.
constexpr TimestampMs settling_ms = 10'000;
constexpr std::size_t most_times = 1'000'000;

struct Evidence {
  /// Fire id and attempt, and how often the targets have it.
  std::map<std::string, int> in_targets;
  /// Fires that the history has, with their targets.
  std::map<std::string, std::string> in_history;
  /// Nominal times of each schedule that were fired, and ranges that were named instead.
  std::map<std::string, std::set<TimestampMs>> fired;
  std::map<std::string, std::vector<std::pair<TimestampMs, TimestampMs>>> named;
};

std::string text_of(const RecordView& record, std::string_view name) {
  for (const HeaderView& each : record.headers)
    if (each.key == name) return std::string(each.value.text());
  return {};
}

std::string fire_name(const std::string& id, std::string_view attempt) {
  return fmt::format("{}/{}", id, attempt);
}

Status read_history(Schedules& schedules, TimestampMs since, TimestampMs until,
                    Evidence& evidence) {
  return schedules.runs({}, since, [&](const ScheduleRun& run) {
    if (run.event == event::fired && run.fire_id && run.schedule) {
      if (run.nominal_at) evidence.fired[*run.schedule].insert(*run.nominal_at);
      const TimestampMs at = run.fired_at.value_or(0);
      if (at >= since && at <= until)
        evidence.in_history[fire_name(*run.fire_id, std::to_string(run.attempt.value_or(1)))] =
            run.target.value_or("");
    } else if (run.schedule && run.nominal_at &&
               (run.event == event::missed || run.event == event::skipped ||
                run.event == event::overrun)) {
      evidence.named[*run.schedule].emplace_back(*run.nominal_at,
                                                 run.until.value_or(*run.nominal_at));
    }
  });
}

Status read_target(Schedules& schedules, const std::string& topic, TimestampMs since,
                   TimestampMs until, Evidence& evidence) {
  return schedules.records(topic, since, [&](const RecordView& record) {
    const std::string id = text_of(record, header::fire_id);
    const auto at = parse_integer(text_of(record, header::fired_time));
    if (id.empty() || !at || *at < since || *at > until) return;
    ++evidence.in_targets[fire_name(id, text_of(record, header::attempt))];
  });
}

/// Times of the schedule as it is now that are neither fired nor named.
std::size_t unaccounted(const KnownSchedule& known, TimestampMs since, TimestampMs until,
                        const Evidence& evidence) {
  const auto& definition = *known.entry.definition;
  if (!known.state.last_nominal || !definition.retry_of.empty()) return 0;
  TimestampMs from = std::max(since, known.state.defined_at + 1);
  if (definition.rule.calendar()) from = std::max(from, definition.rule.calendar()->since() + 1);
  const TimestampMs last = std::min(*known.state.last_nominal, until);
  if (last < from) return 0;
  const auto fired = evidence.fired.find(known.state.key);
  const auto named = evidence.named.find(known.state.key);
  const auto& when = known.entry.cursor.when;
  std::size_t lost = 0;
  for (const TimestampMs at : definition.rule.between(from, last + 1, most_times)) {
    if (fired != evidence.fired.end() && fired->second.contains(at)) continue;
    // It waits for the schedule's conditions.
    if (when && when->gate && at >= when->gate->first_ms) continue;
    const bool excused =
        named != evidence.named.end() &&
        std::any_of(named->second.begin(), named->second.end(),
                    [&](const auto& range) { return range.first <= at && at <= range.second; });
    if (!excused) ++lost;
  }
  return lost;
}

/// How far the most overdue fire is behind.
TimestampMs lateness(const std::vector<KnownSchedule>& all, TimestampMs now) {
  TimestampMs late = 0;
  for (const KnownSchedule& each : all)
    if (const auto next = each.next()) late = std::max(late, now - *next);
  return late;
}

}  // namespace

Exit run_check_schedule(Context& context) {
  const TimestampMs now = context.now(), until = now - settling_ms;
  const auto since = time_flag(context, "--since", now - 3'600'000);
  if (!since) return say_unknown(context, since.error());
  auto schedules = open_schedules(context);
  if (!schedules) return say_unknown(context, schedules.error());
  const auto all = select_schedules(context, *schedules);
  if (!all) return say_unknown(context, all.error());
  Evidence evidence;
  const Status history = read_history(*schedules, *since, until, evidence);
  if (!history) return say_unknown(context, history.error());
  std::set<std::string> topics;
  for (const auto& [id, topic] : evidence.in_history)
    if (!topic.empty()) topics.insert(topic);
  for (const KnownSchedule& each : *all) topics.insert(each.state.topic());
  std::set<std::string> gone;
  for (const std::string& topic : topics) {
    const Status read = read_target(*schedules, topic, *since, until, evidence);
    if (!read && read.error().code() != Errc::not_found) return say_unknown(context, read.error());
    if (!read) gone.insert(topic);
  }
  std::size_t twice = 0, lost = 0, unnamed = 0;
  for (const auto& [id, count] : evidence.in_targets) {
    twice += count > 1;
    unnamed += !evidence.in_history.contains(id);
  }
  for (const auto& [id, topic] : evidence.in_history)
    lost += !gone.contains(topic) && !evidence.in_targets.contains(id);
  for (const KnownSchedule& each : *all) lost += unaccounted(each, *since, until, evidence);
  const TimestampMs late = lateness(*all, now);
  const CheckLevel level = twice + lost + unnamed > 0 ? CheckLevel::critical
                                                      : level_of(context, late);
  return say_verdict(
      context, {level,
                fmt::format("{} schedules, {} fires since {}: {} twice, {} lost, {} without a run "
                            "record{}",
                            all->size(), evidence.in_targets.size(), format_time(*since), twice,
                            lost, unnamed,
                            gone.empty() ? "" : fmt::format("; {} targets are gone", gone.size())),
                "late_ms", late});
}

}  // namespace horolog::command
