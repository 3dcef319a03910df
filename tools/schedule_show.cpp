#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client/schedule_names.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/cluster_access.hpp"
#include "tools/colors.hpp"
#include "tools/condition_flags.hpp"
#include "tools/fire_map.hpp"
#include "tools/row_stream.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_selection.hpp"

namespace horolog::command {
namespace {

constexpr Column ls_columns[] = {
    {.name = "key", .key = true},
    {"target"},
    {"rule"},
    {"status", ColumnType::text, "active, paused, or stalled with the reason"},
    {"next", ColumnType::text, "RFC 3339 with the zone's offset"},
    {"in", ColumnType::duration, "until then"},
    {"fired", ColumnType::integer, "of this generation"},
    {.name = "missed", .type = ColumnType::integer, .meaning = "ever", .wide = true},
    {.name = "skipped", .type = ColumnType::integer, .meaning = "ever", .wide = true},
    {.name = "generation", .type = ColumnType::integer, .wide = true},
    {.name = "partition", .type = ColumnType::integer, .wide = true},
    {.name = "labels", .wide = true},
};
constexpr SectionSpec ls_output[] = {{"schedules", ls_columns}};

constexpr Column about_columns[] = {
    {.name = "key", .key = true},
    {"target"},
    {"says", ColumnType::text, "the rule in plain words"},
    {"status"},
    {"generation", ColumnType::integer},
    {"defined", ColumnType::time},
    {"partition", ColumnType::integer, "whose owner decides about it"},
    {"zone"},
    {"last", ColumnType::time, "the last nominal time that was dealt with"},
    {"fired", ColumnType::integer},
    {"missed", ColumnType::integer},
    {"skipped", ColumnType::integer},
    {.name = "open_runs", .type = ColumnType::integer, .when_used = true},
    {.name = "waiting", .type = ColumnType::integer, .when_used = true},
    {.name = "backfills", .type = ColumnType::integer, .when_used = true},
    {.name = "labels", .when_used = true},
    {"payload_bytes", ColumnType::integer},
};
constexpr Column header_columns[] = {{.name = "header", .key = true}, {"value"}};
constexpr Column wait_columns[] = {
    {.name = "condition", .key = true},
    {"now", ColumnType::text, "what has been seen of it"},
    {"occurrences", ColumnType::integer, "so far"},
    {.name = "last_cause", .when_used = true},
    {.name = "last_at", .type = ColumnType::time, .when_used = true},
};
constexpr Column next_columns[] = {
    {.name = "next", .meaning = "RFC 3339 with the zone's offset", .key = true},
    {"in", ColumnType::duration},
    {.name = "epoch_ms", .type = ColumnType::integer, .wide = true},
};
constexpr Column run_columns[] = {
    {"at", ColumnType::time},
    {.name = "event", .key = true},
    {.name = "nominal", .type = ColumnType::time},
    {.name = "trigger", .when_used = true},
    {.name = "cause", .meaning = "what a condition fired for", .when_used = true},
    {.name = "count", .type = ColumnType::integer, .when_used = true},
    {.name = "reason", .when_used = true},
    {.name = "column", .type = ColumnType::integer, .meaning = "of a rejected header's text",
     .when_used = true},
    {.name = "fire_id", .wide = true},
    {.name = "calendar", .when_used = true},
    {.name = "calendar_offset", .type = ColumnType::integer, .wide = true, .when_used = true},
};
constexpr SectionSpec describe_output[] = {{"schedule", about_columns, true},
                                           {"headers", header_columns},
                                           {"waits_for", wait_columns},
                                           {"fires", next_columns},
                                           {"runs", run_columns}};

std::string labels_text(const ScheduleState& state) {
  const std::string* text = state.header(schedule_names::header::labels);
  return text == nullptr ? "" : *text;
}

Cell text_or_none(std::string text) { return text.empty() ? Cell() : Cell(std::move(text)); }
Cell count_or_none(std::int64_t count) { return count == 0 ? Cell() : Cell(count); }

/// The coming times, by due time; the schedule's limit counts.
std::vector<TimestampMs> coming(const KnownSchedule& known, std::size_t most) {
  const auto first = known.entry.next_nominal();
  if (!first) return {};
  return known.entry.definition->rule.next(*first - 1, most, known.entry.fired());
}

/// When everything chosen fires, on a calendar.
Exit print_map(Context& context, Schedules& schedules) {
  const auto from = time_flag(context, "--from", context.now());
  if (!from) return context.fail(from.error());
  const auto until = time_flag(context, "--until", *from + 30 * timekeeping::day_ms);
  if (!until) return context.fail(until.error());
  if (*until <= *from || *until - *from > 3'660 * timekeeping::day_ms)
    return context.fail(Exit::usage, "--map: --until must be after --from, by ten years at most");
  constexpr std::size_t most = 1'000'000;
  std::vector<TimestampMs> times;
  std::size_t count = 0;
  ScheduleReader reader(schedules);
  const auto one = [&](ScheduleState state) -> Status {
    ++count;
    HOROLOG_ASSIGN(const KnownSchedule known, reader.read(std::move(state)));
    const auto next = known.entry.next_nominal();
    if (!next) return {};
    const auto found = known.entry.definition->rule.between(std::max(*from, *next), *until,
                                                            most - times.size());
    times.insert(times.end(), found.begin(), found.end());
    return {};
  };
  const Status read = each_selected(context, schedules, Detail::rules, one);
  if (!read) return fail_cluster(context, read.error());
  context.write(fire_map(timekeeping::Zone(), times, *from, *until,
                         wants_colors(context)));
  context.note(fmt::format("{} fires of {} schedules, in UTC", times.size(), count));
  if (times.size() == most) context.warn("only the first million fires are counted");
  return Exit::ok;
}

std::vector<Cell> ls_row(const KnownSchedule& known, TimestampMs now) {
  const auto next = known.next();
  const ScheduleState& state = known.state;
  return {state.key, state.topic(), known.rule_text(), known.status(),
          next ? Cell(known.time_text(*next)) : Cell(), next ? Cell(*next - now) : Cell(),
          state.fired, state.missed, state.skipped, state.generation,
          std::int64_t{state.partition}, text_or_none(labels_text(state))};
}

/// The last of what happened to a schedule, which fires into `target` if it is there.
Status add_runs(Schedules& schedules, const std::string& key, const std::string& target,
                TimestampMs since, std::size_t most, Section& section) {
  std::deque<ScheduleRun> last;
  HOROLOG_TRY(schedules.runs(key, since, [&](ScheduleRun run) {
    if (!run.schedule && !run.fire_id && run.target != target) return;
    last.push_back(std::move(run));
    if (last.size() > most) last.pop_front();
  }));
  for (const ScheduleRun& run : last)
    section.rows.push_back({run.fired_at.value_or(run.at.value_or(run.appended_at)), run.event,
                            cell_of(run.nominal_at), cell_of(run.trigger), cell_of(run.cause),
                            cell_of(run.count),
                            cell_of(run.reason), cell_of(run.column), cell_of(run.fire_id),
                            cell_of(run.calendar), cell_of(run.calendar_offset)});
  return {};
}

void add_conditions(Report& report, const scheduler::Entry& entry) {
  if (!entry.cursor.when) return;
  Section& section = report.add(describe_output[2]);
  const auto& conditions = entry.definition->conditions;
  const auto& each = entry.cursor.when->each;
  for (std::size_t i = 0; i < std::min(conditions.size(), each.size()); ++i)
    section.rows.push_back(
        {conditions[i].text, progress_text(conditions[i], each[i], entry.definition->rule.zone()),
         each[i].seen, each[i].last ? Cell(each[i].last->cause) : Cell(),
         each[i].last ? Cell(each[i].last->at_ms) : Cell()});
}

void add_facts(Report& report, const KnownSchedule& known, TimestampMs now) {
  const ScheduleState& state = known.state;
  const timekeeping::Rule& rule = known.entry.definition->rule;
  report.add(describe_output[0]).rows.push_back(
      {state.key, state.topic(),
       sentence_of(rule, known.entry.definition->conditions, known.entry.definition->either, now),
       known.status(),
       state.generation, state.defined_at, std::int64_t{state.partition}, rule.zone().name(),
       cell_of(state.last_nominal), state.fired, state.missed, state.skipped,
       count_or_none(state.open_runs), count_or_none(state.waiting),
       count_or_none(state.backfills), text_or_none(labels_text(state)),
       static_cast<std::int64_t>(state.value.size())});
  Section& headers = report.add(describe_output[1]);
  for (const Header& each : state.headers)
    headers.rows.push_back({each.key, cell_of(each.value)});
  add_conditions(report, known.entry);
}

}  // namespace

std::span<const SectionSpec> schedule_ls_output() { return ls_output; }
std::span<const SectionSpec> schedule_describe_output() { return describe_output; }

Exit run_schedule_ls(Context& context) {
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  if (context.has("--map")) return print_map(context, *schedules);
  constexpr TimestampMs never = std::numeric_limits<TimestampMs>::max();
  const bool by_time = context.text("--sort").value_or("key") == "next";
  // By the time if that is asked for, else by key.
  std::multimap<std::pair<TimestampMs, std::string>, std::vector<Cell>> rows;
  ScheduleReader reader(*schedules);
  const auto one = [&](ScheduleState state) -> Status {
    HOROLOG_ASSIGN(const KnownSchedule known, reader.read(std::move(state)));
    rows.emplace(std::pair(by_time ? known.next().value_or(never) : 0, known.state.key),
                 ls_row(known, context.now()));
    return {};
  };
  const Status read = each_selected(context, *schedules, Detail::rules, one);
  if (!read) return fail_cluster(context, read.error());
  RowStream out(context, ls_output[0]);
  while (!rows.empty()) out.put(std::move(rows.extract(rows.begin()).mapped()));
  out.finish(true);
  return Exit::ok;
}

/// A key whose only command was rejected is no schedule, but has a history that says why.
Exit run_schedule_describe(Context& context) {
  const auto since = time_flag(context, "--since", context.now() - timekeeping::day_ms);
  if (!since) return context.fail(since.error());
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const std::string& key = context.args()[0];
  const auto state = schedules->describe(key);
  if (!state && state.error().code() != Errc::not_found)
    return fail_cluster(context, state.error());
  Report report;
  if (state) {
    const auto known = ScheduleReader(*schedules).read(*state);
    if (!known) return fail_cluster(context, known.error());
    add_facts(report, *known, context.now());
    Section& fires = report.add(describe_output[3]);
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(
        0, context.integer("--count", 5)));
    for (const TimestampMs at : coming(*known, count))
      fires.rows.push_back({known->time_text(at), at - context.now(), at});
  }
  Section& runs = report.add(describe_output[4]);
  const Status read = add_runs(*schedules, key, state ? state->topic() : "", *since, 20, runs);
  if (!read) return fail_cluster(context, read.error());
  if (!state && runs.rows.empty()) return fail_cluster(context, state.error());
  context.print(report);
  if (!state) return fail_cluster(context, state.error());
  return Exit::ok;
}

}  // namespace horolog::command
