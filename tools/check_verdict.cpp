#include "tools/check_verdict.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "tools/cluster_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {"status", ColumnType::text, "OK, WARNING, CRITICAL or UNKNOWN"},
    {"message"},
    {"value", ColumnType::integer, "what was compared with --warn and --crit"},
};
constexpr SectionSpec output[] = {{"check", columns, true}};

std::string_view name_of_level(CheckLevel level) {
  constexpr std::string_view names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  return names[static_cast<int>(level)];
}

}  // namespace

Exit say_verdict(Context& context, const Verdict& verdict) {
  const std::string_view level = name_of_level(verdict.level);
  const std::string format = context.text("--format").value_or("nagios");
  const auto warn = context.text("--warn").value_or("");
  const auto crit = context.text("--crit").value_or("");
  if (format == "prometheus") {
    context.write(fmt::format("horolog_check_status {}\n", static_cast<int>(verdict.level)));
    if (!verdict.metric.empty()) {
      context.write(fmt::format("horolog_check_{} {}\n", verdict.metric, verdict.value));
    }
  } else if (format == "json" || context.mode() != OutputMode::table) {
    context.write(fmt::format(
        "{{\"status\": {}, \"message\": {}, \"value\": {}}}\n", json_string(level),
        json_string(verdict.message),
        verdict.metric.empty() ? "null" : std::to_string(verdict.value)));
  } else {
    context.write(fmt::format("{} - {}", level, verdict.message));
    if (!verdict.metric.empty()) {
      context.write(fmt::format(" | {}={};{};{}", verdict.metric, verdict.value, warn, crit));
    }
    context.write("\n");
  }
  return static_cast<Exit>(verdict.level);
}

Exit say_unknown(Context& context, const Error& error) {
  return say_verdict(context, {CheckLevel::unknown, error.message(), "", 0});
}

CheckLevel level_of(Context& context, std::int64_t value) {
  if (context.has("--crit") && value >= context.integer("--crit", 0)) return CheckLevel::critical;
  if (context.has("--warn") && value >= context.integer("--warn", 0)) return CheckLevel::warning;
  return CheckLevel::ok;
}

std::span<const SectionSpec> check_output() { return output; }

}  // namespace horolog::command
