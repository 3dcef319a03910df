// check schedule: whether what should have fired did, once, by the topics alone. Nothing of the
// scheduler but its rules is asked: fires are counted in the targets, excuses read in the history,
// and what there was to fire comes from the state, with what it still tells of schedules that are
// gone.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "client/schedule_names.hpp"
#include "tools/check_verdict.hpp"
#include "tools/cluster_access.hpp"
#include "tools/offset_bounds.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_lives.hpp"
#include "tools/schedule_selection.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace header = schedule_names::header;
namespace event = schedule_names::event;
using End = ScheduleLife::End;

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
  /// Schedules and generations whose rule has fired, and the last nominal time of each.
  std::map<std::pair<std::string, Offset>, TimestampMs> rules;
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
                    const KeyFilter& wanted, Evidence& evidence) {
  namespace trigger = schedule_names::trigger;
  return schedules.runs({}, since, [&](const ScheduleRun& run) {
    if (run.event == event::fired && run.fire_id && run.schedule) {
      const bool by_rule = run.trigger == trigger::time || run.trigger == trigger::catch_up;
      if (by_rule && run.nominal_at && wanted(*run.schedule)) {
        TimestampMs& last = evidence.rules[{*run.schedule, run.generation}];
        last = std::max(last, *run.nominal_at);
      }
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

/// The last nominal time of it that was dealt with, as the cursor or the fires tell.
std::optional<TimestampMs> last_dealt(const ScheduleLife& life, const Evidence& evidence) {
  const auto fired = evidence.rules.find({life.state.key, life.state.generation});
  if (fired == evidence.rules.end()) return life.state.last_nominal;
  return std::max(life.state.last_nominal.value_or(fired->second), fired->second);
}

/// Every nominal time of it up to here must be fired or named; nullopt: nothing can be said.
std::optional<TimestampMs> judged_until(const ScheduleLife& life,
                                        const scheduler::Definition& definition,
                                        const Evidence& evidence) {
  if (life.end == End::none) return life.state.last_nominal;
  if (!definition.conditions.empty()) return std::nullopt;
  // How often it may still fire at its end is not told.
  if (definition.rule.limit() || life.end == End::unknown) return last_dealt(life, evidence);
  if (life.end == End::over) return std::numeric_limits<TimestampMs>::max();
  return life.until;
}

/// Times of a definition that are neither fired nor named.
std::size_t unaccounted(const KnownSchedule& known, TimestampMs since, TimestampMs judged,
                        const Evidence& evidence) {
  const auto& definition = *known.entry.definition;
  TimestampMs from = std::max(since, known.state.defined_at + 1);
  if (definition.rule.calendar()) from = std::max(from, definition.rule.calendar()->since() + 1);
  if (judged < from) return 0;
  const auto fired = evidence.fired.find(known.state.key);
  const auto named = evidence.named.find(known.state.key);
  const auto& when = known.entry.cursor.when;
  std::size_t lost = 0;
  for (const TimestampMs at : definition.rule.between(from, judged + 1, most_times)) {
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

/// What the check has found out.
struct Findings {
  std::size_t present = 0, gone = 0;
  std::size_t twice = 0, lost = 0, unnamed = 0;
  /// Of schedules that are gone: what their rule wanted is not told any more.
  std::size_t unseen = 0;
  std::set<std::string> gone_targets;
  /// How far the most overdue fire is behind.
  TimestampMs late = 0;
};

Status judge(Schedules& schedules, const std::vector<ScheduleLife>& lives,
             const Evidence& evidence, TimestampMs since, TimestampMs until, TimestampMs now,
             Findings& found) {
  ScheduleReader reader(schedules);
  std::set<std::pair<std::string, Offset>> known_rules;
  for (const ScheduleLife& life : lives) {
    known_rules.emplace(life.state.key, life.state.generation);
    const bool present = life.end == End::none;
    auto known = reader.read(life.state);
    if (!known && present) return known.error();
    if (known && !known->entry.definition->retry_of.empty()) {
      found.present += present;
      continue;
    }
    // Its calendar may be gone as well.
    const auto judged = known ? judged_until(life, *known->entry.definition, evidence)
                              : std::nullopt;
    ++(present ? found.present : judged ? found.gone : found.unseen);
    if (judged) found.lost += unaccounted(*known, since, std::min(*judged, until), evidence);
    if (!present) continue;
    if (const auto next = known->next()) found.late = std::max(found.late, now - *next);
  }
  for (const auto& [rule, last] : evidence.rules) found.unseen += !known_rules.contains(rule);
  return {};
}

/// Reads the targets, and compares them with the history.
Status compare(Schedules& schedules, std::set<std::string> topics, Evidence& evidence,
               TimestampMs since, TimestampMs until, Findings& found) {
  for (const auto& [id, topic] : evidence.in_history)
    if (!topic.empty()) topics.insert(topic);
  for (const std::string& topic : topics) {
    const Status read = read_target(schedules, topic, since, until, evidence);
    if (!read && read.error().code() != Errc::not_found) return read;
    if (!read) found.gone_targets.insert(topic);
  }
  for (const auto& [id, count] : evidence.in_targets) {
    found.twice += count > 1;
    found.unnamed += !evidence.in_history.contains(id);
  }
  for (const auto& [id, topic] : evidence.in_history)
    found.lost += !found.gone_targets.contains(topic) && !evidence.in_targets.contains(id);
  return {};
}

Result<std::vector<ScheduleLife>> read_lives(const Context& context, Schedules& schedules,
                                             TimestampMs since) {
  ScheduleLives lives(since, key_filter(context));
  Status status;
  HOROLOG_TRY(schedules.records(std::string(schedule_names::topic::state), 0,
                                [&](const RecordView& record) {
                                  if (status) status = lives.add_state(record);
                                }));
  HOROLOG_TRY(std::move(status));
  HOROLOG_TRY(schedules.records(std::string(schedule_names::topic::commands), since,
                                [&](const RecordView& record) { lives.add_command(record); }));
  return std::move(lives).finish();
}

/// From when on all of the history is there; 0: nothing of it has been deleted.
Result<TimestampMs> history_start(const Context& context) {
  HOROLOG_ASSIGN(auto admin, open_admin(context));
  const std::string topic(schedule_names::topic::runs);
  HOROLOG_ASSIGN(const auto sizes, topic_sizes(context, topic));
  std::vector<TopicPartition> places;
  for (PartitionIndex p = 0; p < sizes.at(topic); ++p) places.push_back({topic, p});
  std::vector<Error> errors;
  HOROLOG_ASSIGN(const auto bounds, offset_bounds(admin, places, false, errors));
  if (!errors.empty()) return errors.front();
  std::map<TopicPartition, Offset> starts;
  for (const auto& [place, each] : bounds)
    if (each.start > 0) starts[place] = each.start;
  HOROLOG_ASSIGN(const auto times, timestamps_at(admin, starts, bounds));
  TimestampMs from = 0;
  for (const auto& [place, time] : times) from = std::max(from, time + settling_ms);
  return from;
}

std::string text_of(const Findings& found, std::size_t fires, TimestampMs since, bool cut) {
  std::string out =
      fmt::format("{} schedules, {} fires since {}: {} twice, {} lost, {} without a run record",
                  found.present, fires, format_time(since), found.twice, found.lost,
                  found.unnamed);
  if (found.gone > 0) out += fmt::format("; gone ones looked at too: {}", found.gone);
  if (!found.gone_targets.empty())
    out += fmt::format("; {} targets are gone", found.gone_targets.size());
  if (cut) out += "; not seen: the history before that, which is deleted";
  if (found.unseen > 0)
    out += fmt::format("; not seen: the rules or ends of {} that are gone", found.unseen);
  return out;
}

/// A key that neither a schedule has nor one that is gone.
std::optional<std::string> unknown_word(const Context& context,
                                        const std::vector<ScheduleLife>& lives,
                                        const Evidence& evidence) {
  for (const std::string& word : context.args()) {
    const bool there = is_key_pattern(word) || evidence.fired.contains(word) ||
                       evidence.named.contains(word) ||
                       std::any_of(lives.begin(), lives.end(), [&](const ScheduleLife& each) {
                         return each.state.key == word;
                       });
    if (!there) return word;
  }
  return std::nullopt;
}

}  // namespace

Exit run_check_schedule(Context& context) {
  const TimestampMs now = context.now(), until = now - settling_ms;
  const auto asked = time_flag(context, "--since", now - 3'600'000);
  if (!asked) return say_unknown(context, asked.error());
  auto schedules = open_schedules(context);
  if (!schedules) return say_unknown(context, schedules.error());
  // The state before the history: what it says was dealt with is then in the history.
  const auto lives = read_lives(context, *schedules, *asked);
  if (!lives) return say_unknown(context, lives.error());
  const auto kept = history_start(context);
  if (!kept) return say_unknown(context, kept.error());
  const TimestampMs since = std::max(*asked, *kept);
  Evidence evidence;
  const Status history = read_history(*schedules, since, until, key_filter(context), evidence);
  if (!history) return say_unknown(context, history.error());
  if (const auto word = unknown_word(context, *lives, evidence))
    return say_unknown(context,
                       {Errc::not_found, fmt::format("there is no schedule '{}', and none that is "
                                                     "gone as far as the topics tell", *word)});
  Findings found;
  std::set<std::string> topics;
  for (const ScheduleLife& each : *lives) topics.insert(each.state.topic());
  const Status compared = compare(*schedules, topics, evidence, since, until, found);
  if (!compared) return say_unknown(context, compared.error());
  const Status judged = judge(*schedules, *lives, evidence, since, until, now, found);
  if (!judged) return say_unknown(context, judged.error());
  const CheckLevel level = found.twice + found.lost + found.unnamed > 0
                               ? CheckLevel::critical
                               : level_of(context, found.late);
  return say_verdict(context, {level,
                               text_of(found, evidence.in_targets.size(), since, since > *asked),
                               "late_ms", found.late});
}

}  // namespace horolog::command
