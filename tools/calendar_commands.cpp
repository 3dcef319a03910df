#include <fmt/format.h>

#include <algorithm>

#include "scheduler/calendar_table.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/calendar_file.hpp"
#include "tools/cluster_access.hpp"
#include "tools/families.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column ls_columns[] = {
    {.name = "name", .key = true},
    {"offset", ColumnType::integer, "by which run records name this state of it"},
    {"set", ColumnType::time},
    {"weekly", ColumnType::text, "days of the week that are off"},
    {"dates", ColumnType::integer, "single days off"},
    {"yearly", ColumnType::integer, "days off in every year"},
    {"working", ColumnType::integer, "days worked all the same"},
};
constexpr SectionSpec ls_output[] = {{"calendars", ls_columns}};
constexpr Column day_columns[] = {
    {.name = "day", .key = true},
    {"what", ColumnType::text, "date, yearly or working"},
};
constexpr SectionSpec describe_output[] = {{"calendar", ls_columns, true}, {"days", day_columns}};

constexpr Arg name_arg[] = {{"NAME", ValueType::text, "the calendar"}};
constexpr Arg file_arg[] = {{"FILE", ValueType::file, "YAML or iCalendar"}};
constexpr Flag set_flags[] = {
    {.name = "--name", .type = ValueType::text, .placeholder = "NAME",
     .summary = "default: as the file says, or the file's name"},
    {.name = "--dry-run", .summary = "show what it says, and change nothing"}};
constexpr Flag rm_flags[] = {{.name = "--yes", .letter = 'y', .summary = "do not ask"}};
constexpr Example set_examples[] = {
    {"calendar set holidays.ics --name de", "then: schedule create … --calendar de"}};

constexpr std::array<std::string_view, 7> weekdays{"SUN", "MON", "TUE", "WED",
                                                   "THU", "FRI", "SAT"};

std::string month_day(std::chrono::month_day day) {
  return fmt::format("{:02}-{:02}", static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::string weekly_text(const timekeeping::CalendarRules& rules) {
  std::string out;
  for (std::size_t day = 0; day < weekdays.size(); ++day)
    if (rules.weekly[day]) out += fmt::format("{}{}", out.empty() ? "" : ",", weekdays[day]);
  return out;
}

std::vector<Cell> row_of(const StoredCalendar& stored, const timekeeping::CalendarRules& rules) {
  const auto size = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  const std::string weekly = weekly_text(rules);
  return {stored.name, stored.offset, stored.set_at, weekly.empty() ? Cell() : Cell(weekly),
          size(rules.dates), size(rules.yearly), size(rules.working)};
}

Exit run_ls(Context& context) {
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const auto all = schedules->calendars();
  if (!all) return fail_cluster(context, all.error());
  Report report;
  Section& section = report.add(ls_output[0]);
  for (const StoredCalendar& each : *all) {
    const auto rules = scheduler::parse_calendar_rules(each.name, each.json);
    if (!rules) return context.fail(rules.error().with_context(each.name));
    section.rows.push_back(row_of(each, *rules));
  }
  context.print(report);
  return Exit::ok;
}

Exit run_describe(Context& context) {
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const auto all = schedules->calendars();
  if (!all) return fail_cluster(context, all.error());
  const std::string& name = context.args()[0];
  const auto at = std::find_if(all->begin(), all->end(),
                               [&](const StoredCalendar& each) { return each.name == name; });
  if (at == all->end())
    return context.fail(Exit::not_found, fmt::format("there is no calendar '{}'", name));
  const auto rules = scheduler::parse_calendar_rules(at->name, at->json);
  if (!rules) return context.fail(rules.error().with_context(name));
  Report report;
  report.add(describe_output[0]).rows.push_back(row_of(*at, *rules));
  Section& days = report.add(describe_output[1]);
  const auto add = [&](std::string day, std::string what) {
    days.rows.push_back({std::move(day), std::move(what)});
  };
  for (const auto day : rules->dates) add(timekeeping::format_date(day), "date");
  for (const auto day : rules->yearly) add(month_day(day), "yearly");
  for (const auto day : rules->working) add(timekeeping::format_date(day), "working");
  context.print(report);
  return Exit::ok;
}

/// A schedule with a calendar that never works would be rejected: the calendar itself is no error.
Exit run_set(Context& context) {
  const auto file = read_calendar(context.args()[0]);
  if (!file) return context.fail(file.error());
  for (const std::string& line : file->left_out)
    context.warn(fmt::format("{}: {}: no day off", context.args()[0], line));
  const timekeeping::CalendarRules& rules = file->rules;
  const std::string name = context.text("--name").value_or(rules.name);
  CalendarDays days;
  for (const auto day : rules.dates) days.dates.push_back(timekeeping::format_date(day));
  for (const auto day : rules.yearly) days.yearly.push_back(month_day(day));
  for (const auto day : rules.working) days.working.push_back(timekeeping::format_date(day));
  for (int day = 0; day < 7; ++day)
    if (rules.weekly[static_cast<std::size_t>(day)]) days.weekly.push_back(day);
  const auto today = timekeeping::day_of(timekeeping::floor_div(context.now(), 1'000));
  if (timekeeping::Calendar(rules).excludes_everything(today, 3'653))
    context.warn(fmt::format("calendar '{}' has every day off for ten years: schedules with it "
                             "stall", name));
  Offset offset = no_offset;
  if (!context.has("--dry-run")) {
    auto schedules = open_schedules(context);
    if (!schedules) return fail_cluster(context, schedules.error());
    const auto set = schedules->set_calendar(name, days);
    if (!set) return fail_cluster(context, set.error());
    offset = *set;
  }
  Report report;
  report.add(ls_output[0]).rows.push_back(
      row_of({.name = name, .offset = offset, .set_at = context.now(), .json = {}}, rules));
  context.print(report);
  return Exit::ok;
}

Exit run_rm(Context& context) {
  const std::string& name = context.args()[0];
  if (!context.has("--yes") &&
      !context.confirm(fmt::format("remove calendar {}? Schedules with it stall", name)))
    return context.fail(Exit::refused, "nothing was removed", "--yes does it without asking");
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const Status done = schedules->remove_calendar(name);
  return done ? Exit::ok : fail_cluster(context, done.error());
}

}  // namespace

void add_calendar_commands(Commands& table) {
  static const Command commands[] = {
      {.path = "calendar ls",
       .summary = "List the calendars that schedules may use",
       .output = ls_output,
       .run = run_ls},
      {.path = "calendar describe",
       .summary = "Show the days off of a calendar",
       .args = name_arg,
       .output = describe_output,
       .run = run_describe,
       .alias = "show"},
      {.path = "calendar set",
       .summary = "Create or replace a calendar from a file",
       .args = file_arg,
       .flags = set_flags,
       .examples = set_examples,
       .output = ls_output,
       .run = run_set},
      {.path = "calendar rm",
       .summary = "Remove a calendar; schedules with it stall",
       .args = name_arg,
       .flags = rm_flags,
       .run = run_rm,
       .alias = "delete"},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
