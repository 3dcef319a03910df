#include "tools/schedule_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/nearest_name.hpp"
#include "client/schedule_names.hpp"
#include "scheduler/calendar_table.hpp"
#include "scheduler/definition.hpp"
#include "timekeeping/duration.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/cluster_access.hpp"
#include "tools/rule_flags.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace header = schedule_names::header;

constexpr Flag flags[] = {
    {.name = "--prefix", .type = ValueType::text, .placeholder = "TEXT",
     .summary = "keys that begin so"},
    {.name = "--label", .letter = 'l', .type = ValueType::key_value, .placeholder = "NAME=VALUE",
     .summary = "with that label; several: with all of them", .repeatable = true},
    {.name = "--target", .type = ValueType::topic, .placeholder = "TOPIC",
     .summary = "that fire into this topic"},
    {.name = "--from", .type = ValueType::text, .placeholder = "TIME",
     .summary = "that fire next at this time or later"},
    {.name = "--until", .type = ValueType::text, .placeholder = "TIME",
     .summary = "that fire next before this time"},
    {.name = "--paused", .summary = "that are paused"},
    {.name = "--all", .summary = "every schedule"},
};

Result<KnownSchedule> known(ScheduleState state, const scheduler::CalendarLookup& calendars) {
  scheduler::OutRecord record{.key = state.key, .value = state.value, .headers = {}};
  for (const Header& each : state.headers) record.headers.push_back({each.key, each.value});
  const scheduler::Origin origin{state.origin_partition, state.origin_offset, state.defined_at};
  KnownSchedule out;
  HOROLOG_ASSIGN(out.entry.definition,
                 scheduler::parse_definition(state.key, std::move(record), state.generation,
                                             origin, calendars));
  if (!state.cursor.empty()) {
    HOROLOG_ASSIGN(out.entry.cursor, scheduler::Cursor::parse(state.cursor));
  }
  out.state = std::move(state);
  return out;
}

bool has_labels(const ScheduleState& state, const std::vector<std::string>& wanted) {
  const auto labels = state.labels();
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    const std::size_t equals = word.find('=');
    const auto at = labels.find(word.substr(0, equals));
    return at != labels.end() && at->second == word.substr(equals + 1);
  });
}

bool is_pattern(const std::string& word) { return word.find_first_of("*?") != std::string::npos; }

Error unknown_schedule(const std::vector<ScheduleState>& all, const std::string& key) {
  std::vector<std::string_view> names;
  for (const ScheduleState& each : all) names.push_back(each.key);
  const auto near = nearest_name(key, names);
  return {Errc::not_found, fmt::format("there is no schedule '{}'{}", key,
                                       near ? fmt::format(": did you mean '{}'?", *near) : "")};
}

/// Those that the words name; every one without words.
Result<std::vector<ScheduleState>> by_words(std::vector<ScheduleState> all,
                                            const std::vector<std::string>& words) {
  if (words.empty()) return all;
  std::set<std::string> chosen;
  for (const std::string& word : words) {
    const std::size_t before = chosen.size();
    for (const ScheduleState& each : all)
      if (is_pattern(word) ? matches_glob(word, each.key) : each.key == word)
        chosen.insert(each.key);
    if (chosen.size() == before && !is_pattern(word) && !chosen.contains(word))
      return unknown_schedule(all, word);
  }
  std::erase_if(all, [&](const ScheduleState& each) { return !chosen.contains(each.key); });
  return all;
}

}  // namespace

Result<Schedules> open_schedules(const Context& context) {
  return Schedules::open(client_options(context));
}

std::optional<TimestampMs> KnownSchedule::next() const {
  const auto nominal = entry.next_nominal();
  return nominal ? std::optional(entry.definition->rule.due(*nominal)) : std::nullopt;
}

std::string KnownSchedule::status() const {
  if (state.paused_at) return "paused";
  const std::string held = entry.next_nominal() ? "" : entry.held_by_calendar();
  return held.empty() ? "active" : "stalled: " + held;
}

std::string KnownSchedule::time_text(TimestampMs at) const {
  return timekeeping::format_instant(at, entry.definition->rule.zone());
}

std::string KnownSchedule::rule_text() const {
  const timekeeping::Rule& rule = entry.definition->rule;
  std::string out, conditions;
  for (const auto& each : entry.definition->conditions)
    conditions += (conditions.empty() ? "when " : ", and ") + each.text;
  if (rule.kind() == timekeeping::RuleKind::none) return conditions;
  if (rule.kind() == timekeeping::RuleKind::at) {
    out = "at " + time_text(rule.at());
  } else if (const std::string* cron = state.header(header::cron)) {
    out = "cron " + *cron;
  } else {
    out = "every " + timekeeping::format_duration(rule.every());
  }
  if (const std::string* zone = state.header(header::timezone)) out += ", " + *zone;
  if (const std::string* calendar = state.header(header::calendar))
    out += ", calendar " + *calendar;
  if (conditions.empty()) return out;
  return out + (entry.definition->either ? ", or " : ", ") + conditions;
}

Result<std::vector<KnownSchedule>> know(Schedules& schedules, std::vector<ScheduleState> states) {
  const bool needed = std::any_of(states.begin(), states.end(), [](const ScheduleState& each) {
    return each.header(header::calendar) != nullptr;
  });
  scheduler::CalendarTable table;
  if (needed) {
    HOROLOG_ASSIGN(const auto calendars, schedules.calendars());
    for (const StoredCalendar& each : calendars)
      table.replay(each.offset, each.set_at, each.name, each.json);
  }
  const scheduler::CalendarLookup lookup = [&](std::string_view name) { return table.find(name); };
  std::vector<KnownSchedule> out;
  for (ScheduleState& state : states) {
    const std::string key = state.key;
    auto one = known(std::move(state), lookup);
    if (!one) return one.error().with_context(key);
    out.push_back(std::move(*one));
  }
  return out;
}

std::span<const Flag> selection_flags() { return flags; }

bool selects(const Context& context) {
  return std::any_of(std::begin(flags), std::end(flags),
                     [&](const Flag& flag) { return context.has(flag.name); }) ||
         std::any_of(context.args().begin(), context.args().end(), is_pattern);
}

Result<std::vector<KnownSchedule>> select_schedules(Context& context, Schedules& schedules) {
  HOROLOG_ASSIGN(auto all, schedules.list());
  HOROLOG_ASSIGN(auto states, by_words(std::move(all), context.args()));
  const auto prefix = context.text("--prefix"), target = context.text("--target");
  const auto labels = context.all("--label");
  std::erase_if(states, [&](const ScheduleState& each) {
    return (prefix && !each.key.starts_with(*prefix)) || (target && each.topic() != *target) ||
           (context.has("--paused") && !each.paused_at) || !has_labels(each, labels);
  });
  HOROLOG_ASSIGN(auto out, know(schedules, std::move(states)));
  if (!context.has("--from") && !context.has("--until")) return out;
  constexpr TimestampMs never = std::numeric_limits<TimestampMs>::max();
  HOROLOG_ASSIGN(const TimestampMs from, time_flag(context, "--from", 0));
  HOROLOG_ASSIGN(const TimestampMs until, time_flag(context, "--until", never));
  std::erase_if(out, [&](const KnownSchedule& each) {
    const auto next = each.next();
    return !next || *next < from || *next >= until;
  });
  return out;
}

Exit report_decisions(Context& context, Schedules& schedules,
                      const std::vector<SentCommand>& commands) {
  if (context.has("--no-wait") || commands.empty()) return Exit::ok;
  const std::chrono::milliseconds patience(context.duration_ms("--timeout", 10'000));
  const auto decisions = schedules.decisions(commands, patience);
  if (!decisions) return fail_cluster(context, decisions.error());
  std::size_t refused = 0, undecided = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const CommandDecision& each = (*decisions)[i];
    for (const std::string& warning : each.warnings)
      context.warn(fmt::format("{}: {}", commands[i].key, warning));
    if (each.kind == CommandDecision::Kind::undecided) ++undecided;
    if (each.kind == CommandDecision::Kind::rejected || each.kind == CommandDecision::Kind::stale) {
      ++refused;
      context.fail(Exit::failed, fmt::format("{}: {}: {}", commands[i].key,
                                             each.kind == CommandDecision::Kind::stale
                                                 ? "came too late" : "rejected",
                                             each.reason));
    }
  }
  if (undecided > 0)
    return context.fail(Exit::unreachable,
                        fmt::format("no scheduler has decided about {} of {} commands within {}",
                                    undecided, commands.size(),
                                    timekeeping::format_duration(patience.count())),
                        "they are stored: is horolog-scheduler running?");
  if (refused == 0) return Exit::ok;
  return refused < commands.size() ? Exit::partial : Exit::failed;
}

}  // namespace horolog::command
