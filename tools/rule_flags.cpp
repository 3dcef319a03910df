#include "tools/rule_flags.hpp"

#include <fmt/format.h>

#include "tools/calendar_file.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

using timekeeping::Rule;
using timekeeping::RuleContext;
using timekeeping::RuleText;

constexpr Flag flags[] = {
    {.name = "--cron",
     .type = ValueType::text,
     .placeholder = "CRON",
     .summary = "such as '0 7 * * MON-FRI', '@daily' or 'TZ=Europe/Berlin 0 7 * * *'"},
    {.name = "--every",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "such as 15m, counted from 1970-01-01T00:00:00Z"},
    {.name = "--at",
     .type = ValueType::text,
     .placeholder = "TIME",
     .summary = "once: RFC 3339, or milliseconds since 1970"},
    {.name = "--delay",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "once: 90s, 1h30m or PT15M from --from"},
    {.name = "--phase",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "moves --every by so much"},
    {.name = "--timezone",
     .type = ValueType::text,
     .placeholder = "ZONE",
     .summary = "such as Europe/Berlin (default UTC)"},
    {.name = "--dialect",
     .type = ValueType::text,
     .placeholder = "NAME",
     .summary = "of the cron: standard, robfig or quartz (default standard)"},
    {.name = "--dst-gap",
     .type = ValueType::text,
     .placeholder = "WHAT",
     .summary = "times that the clock skips: next-valid, skip or shift (default next-valid)"},
    {.name = "--dst-fold",
     .type = ValueType::text,
     .placeholder = "WHICH",
     .summary = "times shown twice: first, both or last (default first)"},
    {.name = "--calendar",
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "days off, as YAML or iCalendar"},
    {.name = "--shift",
     .type = ValueType::text,
     .placeholder = "WHERE",
     .summary = "from a day off to the next or the previous working day"},
    {.name = "--jitter",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "up to so much later, the same for the same --key and time"},
    {.name = "--key",
     .type = ValueType::text,
     .placeholder = "KEY",
     .summary = "of the schedule: H in a cron and the jitter depend on it"},
    {.name = "--start",
     .type = ValueType::text,
     .placeholder = "TIME",
     .summary = "not before"},
    {.name = "--end", .type = ValueType::text, .placeholder = "TIME", .summary = "not after"},
    {.name = "--limit",
     .type = ValueType::text,
     .placeholder = "N",
     .summary = "at most so many times"},
};

}  // namespace

std::span<const Flag> rule_flags() { return flags; }

RuleText rule_text_of(const Context& context) {
  return {.at = context.text("--at"),
          .delay = context.text("--delay"),
          .every = context.text("--every"),
          .phase = context.text("--phase"),
          .cron = context.text("--cron"),
          .timezone = context.text("--timezone"),
          .start = context.text("--start"),
          .end = context.text("--end"),
          .limit = context.text("--limit"),
          .jitter = context.text("--jitter"),
          .shift = context.text("--shift"),
          .dst_gap = context.text("--dst-gap"),
          .dst_fold = context.text("--dst-fold"),
          .dialect = context.text("--dialect")};
}

Result<Rule> rule_of(Context& context, TimestampMs created) {
  return rule_of(context, rule_text_of(context), created);
}

Result<Rule> rule_of(Context& context, const RuleText& text, TimestampMs created) {
  RuleContext about{.key = context.text("--key"), .created = created};
  if (const auto path = context.text("--calendar")) {
    HOROLOG_ASSIGN(CalendarFile file, read_calendar(*path));
    for (const std::string& line : file.left_out) {
      context.warn(fmt::format("{}: {}: no day off", *path, line));
    }
    about.calendar = std::make_shared<const timekeeping::Calendar>(std::move(file.rules));
  }
  return Rule::parse(text, about);
}

Result<TimestampMs> time_flag(const Context& context, std::string_view flag,
                              TimestampMs otherwise) {
  const auto text = context.text(flag);
  if (!text) return otherwise;
  const auto time = parse_time(*text, context.now());
  if (time) return time->time;
  return Error(Errc::invalid_argument,
               fmt::format("{}: '{}' is no time: write 2026-03-28T07:00:00Z, 2026-03-28 or now",
                           flag, *text));
}

}  // namespace horolog::command
