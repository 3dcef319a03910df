#include "tools/watch.hpp"

#include <fmt/format.h>
#include <time.h>

#include "tools/cluster_access.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t default_interval_ms = 2000;
constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";

void print_look(Context& context, const Report& report, bool again) {
  if (!again) return context.print(report);
  if (context.console().out_is_terminal) {
    context.write(clear_screen);
    context.write(format_time(context.now()) + "\n\n");
    context.print(report);
  } else {
    const bool plain = context.mode() == OutputMode::table;
    context.write(render(report, plain ? OutputMode::jsonl : context.mode()));
  }
  std::fflush(context.console().out);
}

}  // namespace

void sleep_ms(std::int64_t ms) {
  timespec left{.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1'000'000};
  nanosleep(&left, nullptr);
}

bool is_condition(const std::string& until) {
  if (until == "healthy") return true;
  if (!until.starts_with("lag<")) return false;
  return parse_integer(until.substr(until.starts_with("lag<=") ? 5 : 4)).has_value();
}

bool lag_reached(const std::optional<std::string>& until, std::int64_t lag, bool healthy) {
  if (!until) return false;
  if (*until == "healthy") return healthy;
  if (until->starts_with("lag<=")) return lag <= parse_integer(until->substr(5)).value_or(-1);
  if (until->starts_with("lag<")) return lag < parse_integer(until->substr(4)).value_or(0);
  return false;
}

Exit watch(Context& context, const Look& look) {
  const auto until = context.text("--until");
  if (until && !is_condition(*until)) {
    return context.fail(Exit::usage, fmt::format("--until: '{}' is no condition", *until),
                        "'healthy', 'lag<100' or 'lag<=0'");
  }
  const bool again = context.has("--watch") || until;
  const std::int64_t interval = context.duration_ms("--interval", default_interval_ms);
  const std::int64_t timeout = context.duration_ms("--timeout", 0);
  const TimestampMs began = context.now();
  for (;;) {
    Report report;
    const auto reached = look(report);
    if (!reached) return fail_cluster(context, reached.error());
    print_look(context, report, again && !(until && *reached));
    if (!again || *reached) return Exit::ok;
    if (timeout > 0 && context.now() - began >= timeout) {
      return context.fail(Exit::unreachable,
                          fmt::format("what was waited for did not come about in {}",
                                      format_duration(timeout)));
    }
    sleep_ms(interval);
  }
}

}  // namespace horolog::command
