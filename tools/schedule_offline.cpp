#include "tools/schedule_offline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "timekeeping/explain.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/colors.hpp"
#include "tools/condition_flags.hpp"
#include "tools/fire_map.hpp"
#include "tools/rule_flags.hpp"

namespace horolog::command {
namespace {

using timekeeping::Rule;

constexpr std::int64_t most_times = 1'000'000;

constexpr Column time_columns[] = {
    {.name = "time",
     .meaning = "the nominal time, RFC 3339 with the zone's offset",
     .key = true},
    {"epoch_ms", ColumnType::integer, "the same in milliseconds since 1970"},
};
constexpr Column jitter_columns[] = {
    {.name = "time", .key = true},
    {"epoch_ms", ColumnType::integer},
    {.name = "due", .meaning = "with the jitter"},
    {"due_epoch_ms", ColumnType::integer},
};
constexpr Column table_columns[] = {
    {.name = "time", .key = true},
    {"weekday"},
    {.name = "in", .type = ColumnType::duration, .meaning = "from --from on"},
    {.name = "due", .when_used = true},
    {.name = "epoch_ms", .type = ColumnType::integer, .wide = true},
};
constexpr SectionSpec times_output[] = {{"times", time_columns}};

constexpr Column says_columns[] = {{.name = "says", .meaning = "the rule in plain words"}};
constexpr Column surprise_columns[] = {
    {.name = "surprise", .meaning = "what may not be what was meant"}};
constexpr SectionSpec explain_output[] = {{"rule", says_columns, true},
                                          {"surprises", surprise_columns},
                                          {"next", time_columns}};

std::string weekday_of(const Rule& rule, TimestampMs at) {
  static constexpr std::array<std::string_view, 7> names = {"Sun", "Mon", "Tue", "Wed",
                                                            "Thu", "Fri", "Sat"};
  const auto second = timekeeping::floor_div(at, 1'000);
  const auto day = timekeeping::day_of(second + rule.zone().offset_at(second));
  return std::string(names[timekeeping::weekday_of(day)]);
}

std::vector<Cell> plain_row(const Rule& rule, TimestampMs at) {
  std::vector<Cell> row{timekeeping::format_instant(at, rule.zone()), at};
  if (rule.jitter() > 0) {
    const TimestampMs due = rule.due(at);
    row.emplace_back(timekeeping::format_instant(due, rule.zone()));
    row.emplace_back(due);
  }
  return row;
}

std::vector<Cell> table_row(const Rule& rule, TimestampMs at, TimestampMs from) {
  Cell due;
  if (rule.jitter() > 0) due = timekeeping::format_instant(rule.due(at), rule.zone());
  return {timekeeping::format_instant(at, rule.zone()), weekday_of(rule, at), at - from,
          std::move(due), at};
}

SectionSpec plain_spec(const Rule& rule) {
  SectionSpec spec = times_output[0];
  if (rule.jitter() > 0) spec.columns = jitter_columns;
  return spec;
}

/// A bare array in JSON, because that is all there is; a table for people.
void print_times(Context& context, const Rule& rule, const std::vector<TimestampMs>& times,
                 TimestampMs from) {
  if (context.mode() == OutputMode::json) {
    std::string out = "[";
    for (const TimestampMs at : times) {
      out += out.size() > 1 ? ",\n " : "\n ";
      out += row_json(plain_spec(rule), plain_row(rule, at));
    }
    context.write(out + (times.empty() ? "]\n" : "\n]\n"));
    return;
  }
  Report report;
  const bool table = context.mode() == OutputMode::table || context.mode() == OutputMode::wide;
  Section& section = report.add(table ? SectionSpec{"times", table_columns} : plain_spec(rule));
  for (const TimestampMs at : times) {
    section.rows.push_back(table ? table_row(rule, at, from) : plain_row(rule, at));
  }
  context.print(report);
}

}  // namespace

std::span<const SectionSpec> schedule_times_output() { return times_output; }
std::span<const SectionSpec> schedule_explain_output() { return explain_output; }

Exit run_schedule_next(Context& context) {
  const auto from = time_flag(context, "--from", context.now());
  if (!from) return context.fail(from.error());
  const auto rule = rule_of(context, *from);
  if (!rule) return context.fail(rule.error());
  const std::int64_t count = context.integer("--count", 10);
  if (count < 1 || count > most_times) {
    return context.fail(Exit::usage, fmt::format("--count: {} is not 1 to {}", count, most_times));
  }
  const auto times = rule->next(*from, static_cast<std::size_t>(count));
  print_times(context, *rule, times, *from);
  if (times.empty()) {
    context.note("it does not fire after " + timekeeping::format_instant(*from, rule->zone()));
  }
  return Exit::ok;
}

Exit run_schedule_between(Context& context) {
  const auto from = time_flag(context, "--from", context.now());
  if (!from) return context.fail(from.error());
  const auto until = time_flag(context, "--until", *from + 30 * timekeeping::day_ms);
  if (!until) return context.fail(until.error());
  if (*until <= *from) return context.fail(Exit::usage, "--until is not after --from");
  const bool map = context.has("--map");
  if (map && *until - *from > 3'660 * timekeeping::day_ms) {
    return context.fail(Exit::usage, "--map: more than ten years", "choose a shorter stretch");
  }
  const auto rule = rule_of(context, *from);
  if (!rule) return context.fail(rule.error());
  const std::int64_t most = context.integer("--most", map ? most_times : 10'000);
  if (most < 1 || most > most_times) {
    return context.fail(Exit::usage, fmt::format("--most: {} is not 1 to {}", most, most_times));
  }
  auto times = rule->between(*from, *until, static_cast<std::size_t>(most) + 1);
  const bool cut = times.size() > static_cast<std::size_t>(most);
  if (cut) times.resize(static_cast<std::size_t>(most));
  if (map) {
    context.write(fire_map(rule->zone(), times, *from, *until,
                           wants_colors(context)));
  } else {
    print_times(context, *rule, times, *from);
  }
  if (cut) context.warn(fmt::format("only the first {} are shown: see --most", most));
  return Exit::ok;
}

Exit run_schedule_explain(Context& context) {
  const auto from = time_flag(context, "--from", context.now());
  if (!from) return context.fail(from.error());
  const auto when = conditions_of(context);
  if (!when) return context.fail(when.error());
  const auto rule = rule_of(context, rule_text_beside(context, *when), *from);
  if (!rule) return context.fail(rule.error());
  timekeeping::Explanation about = timekeeping::explain(*rule, *from);
  about.sentence = sentence_of(*rule, when->conditions, when->either, *from);
  for (const auto& each : when->conditions)
    for (std::string& surprise : scheduler::condition_surprises(each))
      about.surprises.push_back(std::move(surprise));
  const auto times = rule->next(*from, 3);
  if (context.mode() == OutputMode::table || context.mode() == OutputMode::wide) {
    std::string out = about.sentence + "\n";
    if (!about.surprises.empty()) out += "\nsurprises:\n";
    for (const std::string& surprise : about.surprises) out += "  ! " + surprise + "\n";
    if (!times.empty()) out += "\nnext:\n";
    for (const TimestampMs at : times) {
      out += fmt::format("  {}  {}\n", timekeeping::format_instant(at, rule->zone()),
                         weekday_of(*rule, at));
    }
    context.write(out);
    return Exit::ok;
  }
  Report report;
  report.add(explain_output[0]).rows.push_back({about.sentence});
  Section& surprises = report.add(explain_output[1]);
  for (const std::string& surprise : about.surprises) surprises.rows.push_back({surprise});
  Section& next = report.add(explain_output[2]);
  for (const TimestampMs at : times) {
    next.rows.push_back({timekeeping::format_instant(at, rule->zone()), at});
  }
  context.print(report);
  return Exit::ok;
}

}  // namespace horolog::command
