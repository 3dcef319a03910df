#include "tools/condition_flags.hpp"

#include <fmt/format.h>

#include "client/schedule_names.hpp"
#include "timekeeping/explain.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/rule_flags.hpp"

namespace horolog::command {
namespace {

namespace header = schedule_names::header;

constexpr Flag flags[] = {
    {.name = "--when",
     .type = ValueType::text,
     .placeholder = "CONDITION",
     .summary = "such as 'record orders key=eu', 'after import', 'silence beats for 5m', "
                "'count orders 100 or 30s', 'lag mailers emails above 1000'; several: all of them",
     .repeatable = true},
    {.name = "--when-mode",
     .type = ValueType::choice,
     .placeholder = "HOW",
     .summary = "with a time: it waits for the conditions, or both fire (default and)",
     .choices = "and|or"},
};

}  // namespace

std::span<const Flag> condition_flags() { return flags; }

Result<scheduler::ConditionHeaders> conditions_of(const Context& context) {
  scheduler::Headers headers;
  for (const std::string& each : context.all("--when"))
    headers.push_back({std::string(header::when), each});
  const auto put = [&](std::string_view flag, std::string_view name) {
    if (const auto text = context.text(flag)) headers.push_back({std::string(name), *text});
  };
  put("--when-mode", header::when_mode);
  put("--at", header::at);
  put("--delay", header::delay);
  put("--every", header::every);
  put("--cron", header::cron);
  HOROLOG_ASSIGN(const auto fields, scheduler::HeaderFields::read(headers, false));
  return scheduler::read_conditions(fields);
}

timekeeping::RuleText rule_text_beside(const Context& context,
                                       const scheduler::ConditionHeaders& when) {
  timekeeping::RuleText text = rule_text_of(context);
  if (when.takes_delay) text.delay.reset();
  text.may_be_timeless = !when.conditions.empty();
  return text;
}

std::string sentence_of(const timekeeping::Rule& rule,
                        const std::vector<scheduler::Condition>& conditions, bool either,
                        TimestampMs now) {
  return scheduler::describe_conditions(conditions, rule.kind() != timekeeping::RuleKind::none,
                                        either, timekeeping::explain(rule, now).sentence);
}

std::string progress_text(const scheduler::Condition& condition,
                          const scheduler::ConditionProgress& progress,
                          const timekeeping::Zone& zone) {
  using scheduler::ConditionKind;
  const auto time = [&](TimestampMs at) { return timekeeping::format_instant(at, zone); };
  if (condition.kind == ConditionKind::silence && progress.latest)
    return fmt::format("{} since {}", progress.met ? "silent" : "nothing",
                       time(progress.latest->at_ms));
  if (condition.kind == ConditionKind::lag) {
    if (!progress.since_ms) return "not crossed";
    return fmt::format("{} since {}", progress.met ? "crossed" : "crossed, not for long enough,",
                       time(*progress.since_ms));
  }
  if (progress.held) return "holds since " + time(progress.held->at_ms);
  if (condition.kind == ConditionKind::count)
    return fmt::format("{} of {} gathered", progress.gathered, condition.number);
  if (!progress.pending.empty())
    return fmt::format("{} wait for the delay, the next until {}", progress.pending.size(),
                       time(*progress.wake(condition)));
  return "waits";
}

}  // namespace horolog::command
