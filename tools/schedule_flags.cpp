#include "tools/schedule_flags.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "timekeeping/duration.hpp"
#include "timekeeping/time_text.hpp"
#include "tools/condition_flags.hpp"
#include "tools/rule_flags.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Flag flags[] = {
    {.name = "--topic",
     .letter = 't',
     .type = ValueType::topic,
     .placeholder = "TOPIC",
     .summary = "where its records go"},
    {.name = "--value", .type = ValueType::text, .placeholder = "TEXT", .summary = "what is fired"},
    {.name = "--value-file",
     .type = ValueType::file,
     .placeholder = "FILE",
     .summary = "what is fired, from a file; - is what is piped in"},
    {.name = "--header",
     .letter = 'H',
     .type = ValueType::key_value,
     .placeholder = "NAME=VALUE",
     .summary = "a header of the fired record",
     .repeatable = true},
    {.name = "--record-key",
     .type = ValueType::text,
     .placeholder = "KEY",
     .summary = "the key of the fired record (default none)"},
    {.name = "--partition",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "of the target (default by the key)"},
    {.name = "--label",
     .letter = 'l',
     .type = ValueType::key_value,
     .placeholder = "NAME=VALUE",
     .summary = "to select it by",
     .repeatable = true},
    {.name = "--calendar",
     .type = ValueType::text,
     .placeholder = "NAME",
     .summary = "days off: see 'horolog calendar ls'"},
    {.name = "--catch-up",
     .type = ValueType::choice,
     .placeholder = "WHICH",
     .summary = "times missed in a downtime that are fired after it (default latest)",
     .choices = "latest|none|all"},
    {.name = "--catch-up-window",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "how far back (default 1d)"},
    {.name = "--catch-up-on-resume", .summary = "what fell in a pause counts as missed too"},
    {.name = "--overlap",
     .type = ValueType::choice,
     .placeholder = "WHAT",
     .summary = "while an earlier task runs (default allow)",
     .choices = "allow|skip|buffer-one|buffer-all|cancel-other"},
    {.name = "--max-attempts",
     .type = ValueType::integer,
     .placeholder = "N",
     .summary = "for workers"},
    {.name = "--backoff",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "for workers: between attempts"},
    {.name = "--task-timeout",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "a task that takes longer counts as lost"},
    {.name = "--priority",
     .type = ValueType::integer,
     .placeholder = "0-9",
     .summary = "for workers, higher first"},
    {.name = "--expires",
     .type = ValueType::text,
     .placeholder = "LENGTH",
     .summary = "for workers: not started later than that"},
    {.name = "--lane", .type = ValueType::text, .placeholder = "NAME", .summary = "for workers"},
};

/// Flags of a rule that mean something else offline.
bool offline_only(const Flag& flag) { return flag.name == "--calendar" || flag.name == "--key"; }

using std::chrono::milliseconds;

class Reader {
 public:
  explicit Reader(const Context& context) : context_(context) {}

  Status instant(std::string_view flag, std::optional<TimestampMs>& out) const {
    const auto text = context_.text(flag);
    if (!text) return {};
    HOROLOG_ASSIGN(out, timekeeping::parse_instant(*text, flag));
    return {};
  }
  Status length(std::string_view flag, std::optional<milliseconds>& out) const {
    const auto text = context_.text(flag);
    if (!text) return {};
    HOROLOG_ASSIGN(const auto ms, timekeeping::parse_duration(
                                      *text, timekeeping::DurationStyle::any, flag));
    out = milliseconds(ms);
    return {};
  }
  template <typename E, std::size_t N>
  Status choice(std::string_view flag, const std::array<std::string_view, N>& names,
                std::optional<E>& out) const {
    const auto text = context_.text(flag);
    if (!text) return {};
    for (std::size_t i = 0; i < N; ++i)
      if (names[i] == *text) out = static_cast<E>(i);
    if (out) return {};
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is none of {}", flag, *text,
                                                     fmt::join(names, ", ")));
  }
  template <typename T>
  void number(std::string_view flag, std::optional<T>& out) const {
    if (context_.has(flag)) out = static_cast<T>(context_.integer(flag, 0));
  }

 private:
  const Context& context_;
};

Status read_rule(const Context& context, const Reader& read, ScheduleOptions& options) {
  HOROLOG_TRY(read.instant("--at", options.at));
  HOROLOG_TRY(read.length("--delay", options.delay));
  HOROLOG_TRY(read.length("--every", options.every));
  HOROLOG_TRY(read.length("--phase", options.phase));
  options.cron = context.text("--cron");
  options.timezone = context.text("--timezone");
  HOROLOG_TRY(read.choice("--dialect", std::array<std::string_view, 3>{"standard", "robfig",
                                                                       "quartz"},
                          options.dialect));
  HOROLOG_TRY(read.choice("--dst-gap", std::array<std::string_view, 3>{"next-valid", "skip",
                                                                       "shift"},
                          options.dst_gap));
  HOROLOG_TRY(read.choice("--dst-fold", std::array<std::string_view, 3>{"first", "both", "last"},
                          options.dst_fold));
  HOROLOG_TRY(read.choice("--shift", std::array<std::string_view, 3>{"none", "next", "previous"},
                          options.shift));
  HOROLOG_TRY(read.instant("--start", options.start));
  HOROLOG_TRY(read.instant("--end", options.end));
  HOROLOG_TRY(read.length("--jitter", options.jitter));
  options.calendar = context.text("--calendar");
  if (context.has("--when")) options.when = context.all("--when");
  HOROLOG_TRY(read.choice("--when-mode", std::array<std::string_view, 2>{"and", "or"},
                          options.when_mode));
  const auto limit = context.text("--limit");
  if (limit) options.limit = parse_integer(*limit);
  if (limit && !options.limit)
    return Error(Errc::invalid_argument, fmt::format("--limit: '{}' is no number", *limit));
  return {};
}

Result<std::string> piped_in() {
  std::string text;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;)
    text.append(buffer, n);
  return text;
}

}  // namespace

std::vector<Flag> with_schedule_flags(std::span<const Flag> own) {
  std::vector<Flag> out(own.begin(), own.end());
  out.insert(out.end(), std::begin(flags), std::end(flags));
  for (const Flag& flag : rule_flags())
    if (!offline_only(flag)) out.push_back(flag);
  out.insert(out.end(), condition_flags().begin(), condition_flags().end());
  return out;
}

Result<ScheduleOptions> schedule_options(const Context& context) {
  ScheduleOptions options;
  const Reader read(context);
  options.topic = context.text("--topic");
  HOROLOG_TRY(read_rule(context, read, options));
  options.key = context.text("--record-key");
  read.number("--partition", options.partition);
  HOROLOG_TRY(read.choice("--catch-up", std::array<std::string_view, 3>{"latest", "none", "all"},
                          options.catch_up));
  HOROLOG_TRY(read.length("--catch-up-window", options.catch_up_window));
  if (context.has("--catch-up-on-resume")) options.catch_up_on_resume = true;
  HOROLOG_TRY(read.choice("--overlap",
                          std::array<std::string_view, 5>{"allow", "skip", "buffer-one",
                                                          "buffer-all", "cancel-other"},
                          options.overlap));
  read.number("--max-attempts", options.max_attempts);
  HOROLOG_TRY(read.length("--backoff", options.backoff));
  HOROLOG_TRY(read.length("--task-timeout", options.timeout));
  read.number("--priority", options.priority);
  HOROLOG_TRY(read.length("--expires", options.expires));
  options.lane = context.text("--lane");
  for (const std::string& word : context.all("--label")) {
    if (!options.labels) options.labels.emplace();
    (*options.labels)[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  for (const std::string& word : context.all("--header"))
    options.headers.push_back({word.substr(0, word.find('=')), word.substr(word.find('=') + 1)});
  return options;
}

Result<std::optional<std::string>> schedule_value(const Context& context) {
  const auto path = context.text("--value-file");
  if (path && context.has("--value"))
    return Error(Errc::invalid_argument, "--value and --value-file: give one of them");
  if (!path) return context.text("--value");
  auto text = *path == "-" ? piped_in() : read_text_file(*path);
  if (!text) return text.error();
  return std::optional(std::move(*text));
}

}  // namespace horolog::command
