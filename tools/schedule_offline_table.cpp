#include "tools/families.hpp"
#include "tools/condition_flags.hpp"
#include "tools/rule_flags.hpp"
#include "tools/schedule_offline.hpp"

namespace horolog::command {
namespace {

constexpr Flag from_flag = {.name = "--from",
                            .type = ValueType::text,
                            .placeholder = "TIME",
                            .summary = "as if it were that time (default now)"};
constexpr Flag next_flags[] = {from_flag,
                               {.name = "--count",
                                .letter = 'n',
                                .type = ValueType::integer,
                                .placeholder = "N",
                                .summary = "how many (default 10)"}};
constexpr Flag between_flags[] = {
    {.name = "--from",
     .type = ValueType::text,
     .placeholder = "TIME",
     .summary = "the first moment (default now)"},
    {.name = "--until",
     .type = ValueType::text,
     .placeholder = "TIME",
     .summary = "the first moment behind (default 30 days later)"},
    {.name = "--most",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "stop there (default 10000)"},
    {.name = "--map", .summary = "a calendar of how often it fires instead of the list"}};
constexpr Flag explain_flags[] = {from_flag};

constexpr Example next_examples[] = {
    {"schedule next --cron '0 7 * * MON-FRI' --timezone Europe/Berlin -n 3",
     "the next three times"},
    {"schedule next --cron '30 2 * * *' --timezone Europe/Berlin --dst-gap skip --output json",
     "for a script"}};
constexpr Example between_examples[] = {
    {"schedule between --cron '*/15 8-17 * * MON-FRI' --until 2027-01-01 --map",
     "when it is busy"}};
constexpr Example explain_examples[] = {
    {"schedule explain --cron '0 0 31 * MON'", "in words, with what may surprise"},
    {"schedule explain --when 'count orders 100 or 30s'", "a condition in words"}};

/// The command's own flags and behind them those of a rule.
std::vector<Flag> with_rule(std::span<const Flag> own) {
  std::vector<Flag> out(rule_flags().begin(), rule_flags().end());
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

std::vector<Flag> with_conditions(std::span<const Flag> own) {
  std::vector<Flag> out(condition_flags().begin(), condition_flags().end());
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

}  // namespace

void add_schedule_offline_commands(Commands& table) {
  static const std::vector<Flag> next = with_rule(next_flags);
  static const std::vector<Flag> between = with_rule(between_flags);
  static const std::vector<Flag> explain = with_rule(with_conditions(explain_flags));
  static const Command commands[] = {
      {.path = "schedule next",
       .summary = "Say when a rule fires next, without a broker",
       .flags = next,
       .examples = next_examples,
       .output = schedule_times_output(),
       .run = run_schedule_next},
      {.path = "schedule between",
       .summary = "List or map when a rule fires in a stretch of time, without a broker",
       .flags = between,
       .examples = between_examples,
       .output = schedule_times_output(),
       .run = run_schedule_between},
      {.path = "schedule explain",
       .summary = "Say in words when a rule fires, and what may surprise, without a broker",
       .flags = explain,
       .examples = explain_examples,
       .output = schedule_explain_output(),
       .run = run_schedule_explain},
  };
  for (const Command& command : commands) table.push_back(&command);
}

}  // namespace horolog::command
