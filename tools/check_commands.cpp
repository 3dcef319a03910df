// check …: one line for Nagios and its kin. Exit 0 ok, 1 warning, 2 critical, 3 unknown.

#include <fmt/format.h>

#include <algorithm>

#include "tools/check_verdict.hpp"
#include "tools/cluster_access.hpp"
#include "tools/cluster_commands.hpp"
#include "tools/group_lag.hpp"

namespace horolog::command {

/// Whether the cluster answers, has a controller, and how long it took in milliseconds.
Exit run_check_broker(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return say_unknown(context, admin.error());
  const SystemClock clock;
  const MonoNs began = clock.mono_ns();
  const auto cluster = admin->describe_cluster();
  const std::int64_t took_ms = (clock.mono_ns() - began) / 1'000'000;
  if (!cluster) {
    return say_verdict(context, {CheckLevel::critical, cluster.error().message(), "", 0});
  }
  if (cluster->controller == no_broker) {
    return say_verdict(context, {CheckLevel::critical, "the cluster has no controller",
                                 "answer_ms", took_ms});
  }
  return say_verdict(context, {level_of(context, took_ms),
                       fmt::format("{} brokers, answered in {} ms", cluster->brokers.size(),
                                   took_ms),
                       "answer_ms", took_ms});
}

Exit run_check_group(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return say_unknown(context, admin.error());
  LagObserver observer(*admin, context.args()[0]);
  const auto lag = observer.look(context.now(), false);
  if (!lag) return say_unknown(context, lag.error());
  CheckLevel level = level_of(context, lag->total_lag);
  if (lag->status == LagStatus::stopped) level = std::max(level, CheckLevel::critical);
  return say_verdict(context, {level,
                       fmt::format("{}: {} records behind, {}, {} members", lag->group.id,
                                   lag->total_lag, to_string(lag->status),
                                   lag->group.members.size()),
                       "lag_records", lag->total_lag});
}

/// Whether every partition has a leader and all its replicas.
Exit run_check_topic(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return say_unknown(context, admin.error());
  const auto topics = select_topics(*admin, {context.args()[0]}, false, true);
  if (!topics) return say_unknown(context, topics.error());
  std::int64_t leaderless = 0, under = 0;
  for (const PartitionDescription& partition : topics->at(0).partitions) {
    leaderless += partition.leader == no_broker ? 1 : 0;
    under += partition.in_sync.size() < partition.replicas.size() ? 1 : 0;
  }
  const CheckLevel level = leaderless > 0 ? CheckLevel::critical
                           : under > 0    ? CheckLevel::warning
                                          : CheckLevel::ok;
  return say_verdict(context, {level,
                       fmt::format("{}: {} partitions, {} without leader, {} under-replicated",
                                   context.args()[0], topics->at(0).partitions.size(), leaderless,
                                   under),
                       "leaderless_partitions", leaderless});
}

}  // namespace horolog::command
