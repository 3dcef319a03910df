#include <fmt/format.h>

#include "client/schedule_names.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/cluster_access.hpp"
#include "tools/condition_flags.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_flags.hpp"

namespace horolog::command {
namespace {

constexpr Column sent_columns[] = {
    {.name = "key", .key = true},
    {"partition", ColumnType::integer, "whose owner decides about it"},
    {"offset", ColumnType::integer, "of the command; of a create, the generation"},
};
constexpr SectionSpec sent_output[] = {{"commands", sent_columns}};

std::optional<Offset> if_generation(const Context& context) {
  if (context.has("--if-not-exists")) return -1;
  if (!context.has("--if-generation")) return std::nullopt;
  return context.integer("--if-generation", 0);
}

/// The rule that was written, as far as it can be judged here: its calendar is the cluster's.
Result<timekeeping::Rule> written_rule(const Context& context, const std::string& key) {
  HOROLOG_ASSIGN(const auto when, conditions_of(context));
  timekeeping::RuleText text = rule_text_beside(context, when);
  if (context.has("--calendar")) text.shift.reset();
  return timekeeping::Rule::parse(text, {.key = key, .created = context.now()});
}

/// What was sent, and what became of it.
Exit finish(Context& context, Schedules& schedules, const std::vector<SentCommand>& sent) {
  const Exit code = report_decisions(context, schedules, sent);
  if (code != Exit::ok && code != Exit::partial) return code;
  Report report;
  Section& section = report.add(sent_output[0]);
  for (const SentCommand& each : sent)
    section.rows.push_back({each.key, std::int64_t{each.partition}, each.offset});
  context.print(report);
  return code;
}

}  // namespace

std::span<const SectionSpec> schedule_sent_output() { return sent_output; }

Exit run_schedule_create(Context& context) {
  const auto options = schedule_options(context);
  if (!options) return context.fail(options.error());
  if (!options->topic) return context.fail(Exit::usage, "--topic is missing: where it fires to");
  const auto value = schedule_value(context);
  if (!value) return context.fail(value.error());
  // What can be found wrong here need not wait for a scheduler.
  const auto rule = written_rule(context, context.args()[0]);
  if (!rule) return context.fail(rule.error());
  if (context.has("--dry-run")) {
    const auto next = rule->next(context.now());
    const auto when = conditions_of(context);
    if (when && !when->conditions.empty()) {
      context.note("it would fire " + sentence_of(*rule, when->conditions, when->either,
                                                  context.now()));
      return Exit::ok;
    }
    context.note(next ? "it would fire next at " +
                            timekeeping::format_instant(*next, rule->zone())
                      : std::string("it would never fire"));
    return Exit::ok;
  }
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const auto sent = schedules->create(context.args()[0], *options, value->value_or(""),
                                      if_generation(context));
  if (!sent) return fail_cluster(context, sent.error());
  return finish(context, *schedules, {*sent});
}

Exit run_schedule_alter(Context& context) {
  Schedules::Alteration change;
  auto options = schedule_options(context);
  if (!options) return context.fail(options.error());
  auto value = schedule_value(context);
  if (!value) return context.fail(value.error());
  change.set = std::move(*options);
  change.value = std::move(*value);
  for (const std::string& field : context.all("--unset"))
    change.remove.push_back(std::string(schedule_names::header_prefix) + field);
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const auto state = schedules->describe(context.args()[0]);
  if (!state) return fail_cluster(context, state.error());
  const bool rule = change.set.at || change.set.delay || change.set.every || change.set.cron;
  if (!rule && state->header(schedule_names::header::delay) != nullptr) {
    // Its delay would count anew: it keeps the time that it has.
    const auto known = ScheduleReader(*schedules).read(*state);
    if (!known) return fail_cluster(context, known.error());
    change.set.at = known->entry.definition->rule.at();
  }
  const auto sent = schedules->alter(context.args()[0], change,
                                     if_generation(context).value_or(state->generation));
  if (!sent) return fail_cluster(context, sent.error());
  return finish(context, *schedules, {*sent});
}

Exit run_schedule_backfill(Context& context) {
  if (!context.has("--from") || !context.has("--to"))
    return context.fail(Exit::usage, "a backfill needs --from and --to");
  const auto from = time_flag(context, "--from", 0), to = time_flag(context, "--to", 0);
  if (!from) return context.fail(from.error());
  if (!to) return context.fail(to.error());
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const std::string& key = context.args()[0];
  const auto state = schedules->describe(key);
  if (!state) return fail_cluster(context, state.error());
  const auto known = ScheduleReader(*schedules).read(*state);
  if (!known) return fail_cluster(context, known.error());
  constexpr std::size_t most = 100'000;
  const auto times = known->entry.definition->rule.between(*from, *to + 1, most);
  context.note(fmt::format("{}{} nominal times are fired once more",
                           times.size() == most ? "more than " : "", times.size()));
  if (context.has("--dry-run")) return Exit::ok;
  const auto sent = schedules->backfill(key, *from, *to, if_generation(context));
  if (!sent) return fail_cluster(context, sent.error());
  return finish(context, *schedules, {*sent});
}

}  // namespace horolog::command
