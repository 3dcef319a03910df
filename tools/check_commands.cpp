// check …: one line for Nagios and its kin. Exit 0 ok, 1 warning, 2 critical, 3 unknown.

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "tools/cluster_access.hpp"
#include "tools/cluster_commands.hpp"
#include "tools/group_lag.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {"status", ColumnType::text, "OK, WARNING, CRITICAL or UNKNOWN"},
    {"message"},
    {"value", ColumnType::integer, "what was compared with --warn and --crit"},
};
constexpr SectionSpec output[] = {{"check", columns, true}};

enum class Level : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

std::string_view name_of_level(Level level) {
  constexpr std::string_view names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  return names[static_cast<int>(level)];
}

struct Verdict {
  Level level = Level::ok;
  std::string message;
  std::string metric;  ///< of the value; empty for none
  std::int64_t value = 0;
};

Exit say(Context& context, const Verdict& verdict) {
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

Exit unknown(Context& context, const Error& error) {
  return say(context, {Level::unknown, error.message(), "", 0});
}

Level level_of(Context& context, std::int64_t value) {
  if (context.has("--crit") && value >= context.integer("--crit", 0)) return Level::critical;
  if (context.has("--warn") && value >= context.integer("--warn", 0)) return Level::warning;
  return Level::ok;
}

}  // namespace

std::span<const SectionSpec> check_output() { return output; }

/// Whether the cluster answers, has a controller, and how long it took in milliseconds.
Exit run_check_broker(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return unknown(context, admin.error());
  const SystemClock clock;
  const MonoNs began = clock.mono_ns();
  const auto cluster = admin->describe_cluster();
  const std::int64_t took_ms = (clock.mono_ns() - began) / 1'000'000;
  if (!cluster) return say(context, {Level::critical, cluster.error().message(), "", 0});
  if (cluster->controller == no_broker) {
    return say(context, {Level::critical, "the cluster has no controller", "answer_ms", took_ms});
  }
  return say(context, {level_of(context, took_ms),
                       fmt::format("{} brokers, answered in {} ms", cluster->brokers.size(),
                                   took_ms),
                       "answer_ms", took_ms});
}

Exit run_check_group(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return unknown(context, admin.error());
  LagObserver observer(*admin, context.args()[0]);
  const auto lag = observer.look(context.now(), false);
  if (!lag) return unknown(context, lag.error());
  Level level = level_of(context, lag->total_lag);
  if (lag->status == LagStatus::stopped) level = std::max(level, Level::critical);
  return say(context, {level,
                       fmt::format("{}: {} records behind, {}, {} members", lag->group.id,
                                   lag->total_lag, to_string(lag->status),
                                   lag->group.members.size()),
                       "lag_records", lag->total_lag});
}

/// Whether every partition has a leader and all its replicas.
Exit run_check_topic(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return unknown(context, admin.error());
  const auto topics = select_topics(*admin, {context.args()[0]}, false, true);
  if (!topics) return unknown(context, topics.error());
  std::int64_t leaderless = 0, under = 0;
  for (const PartitionDescription& partition : topics->at(0).partitions) {
    leaderless += partition.leader == no_broker ? 1 : 0;
    under += partition.in_sync.size() < partition.replicas.size() ? 1 : 0;
  }
  const Level level = leaderless > 0 ? Level::critical : under > 0 ? Level::warning : Level::ok;
  return say(context, {level,
                       fmt::format("{}: {} partitions, {} without leader, {} under-replicated",
                                   context.args()[0], topics->at(0).partitions.size(), leaderless,
                                   under),
                       "leaderless_partitions", leaderless});
}

}  // namespace horolog::command
