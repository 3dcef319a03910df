#include <fmt/format.h>

#include "tools/cluster_access.hpp"
#include "tools/cluster_commands.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Column cluster_columns[] = {
    {"cluster_id"},
    {"controller", ColumnType::integer},
    {"topics", ColumnType::integer, "without internal ones"},
    {"partitions", ColumnType::integer},
};
constexpr Column broker_columns[] = {
    {.name = "broker", .type = ColumnType::integer, .key = true},
    {"address", ColumnType::text, "as the cluster advertises it"},
    {.name = "rack", .when_used = true},
    {"controller", ColumnType::flag},
};
constexpr SectionSpec info_output[] = {{"cluster", cluster_columns, true},
                                       {"brokers", broker_columns}};

constexpr Column health_columns[] = {
    {"healthy", ColumnType::flag},
    {"controller", ColumnType::integer, "null: none"},
    {"brokers", ColumnType::integer},
    {"leaderless_partitions", ColumnType::integer},
    {"under_replicated_partitions", ColumnType::integer},
    {"offline_directories", ColumnType::integer},
};
constexpr Column problem_columns[] = {{.name = "what", .key = true}, {"problem"}};
constexpr SectionSpec health_output[] = {{"health", health_columns, true},
                                         {"problems", problem_columns}};

Status find_directory_problems(Admin& admin, std::int64_t& offline, Section& problems) {
  HOROLOG_ASSIGN(const auto brokers, admin.describe_log_dirs());
  for (const auto& [broker, directories] : brokers) {
    if (!directories) {
      problems.rows.push_back({fmt::format("broker {}", broker), directories.error().message()});
      continue;
    }
    for (const LogDirectory& directory : *directories) {
      if (!directory.error) continue;
      ++offline;
      problems.rows.push_back({fmt::format("broker {} {}", broker, directory.path),
                               directory.error->message()});
    }
  }
  return {};
}

Result<bool> look_at_health(Admin& admin, Report& report) {
  HOROLOG_ASSIGN(const auto cluster, admin.describe_cluster());
  HOROLOG_ASSIGN(const auto topics, admin.list_topics());
  Section problems{health_output[1], {}};
  std::int64_t leaderless = 0, under = 0, offline = 0;
  for (const TopicDescription& topic : topics) {
    for (const PartitionDescription& partition : topic.partitions) {
      const std::string name = name_of({topic.name, partition.partition});
      if (partition.leader == no_broker) {
        ++leaderless;
        problems.rows.push_back({name, std::string("has no leader")});
      } else if (partition.in_sync.size() < partition.replicas.size()) {
        ++under;
        problems.rows.push_back({name, fmt::format("{} of {} replicas are in sync",
                                                   partition.in_sync.size(),
                                                   partition.replicas.size())});
      }
    }
  }
  if (cluster.controller == no_broker) {
    problems.rows.push_back({std::string("cluster"), std::string("has no controller")});
  }
  HOROLOG_TRY(find_directory_problems(admin, offline, problems));
  const bool healthy = problems.rows.empty();
  report.add(health_output[0])
      .rows.push_back({healthy,
                       cluster.controller == no_broker ? Cell()
                                                       : Cell(std::int64_t{cluster.controller}),
                       static_cast<std::int64_t>(cluster.brokers.size()), leaderless, under,
                       offline});
  report.sections.push_back(std::move(problems));
  return healthy;
}

}  // namespace

std::span<const SectionSpec> cluster_info_output() { return info_output; }
std::span<const SectionSpec> cluster_health_output() { return health_output; }

Exit run_cluster_info(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto cluster = admin->describe_cluster();
  if (!cluster) return fail_cluster(context, cluster.error());
  const auto topics = admin->list_topics();
  if (!topics) return fail_cluster(context, topics.error());
  std::int64_t count = 0, partitions = 0;
  for (const TopicDescription& topic : *topics) {
    if (topic.internal) continue;
    ++count;
    partitions += static_cast<std::int64_t>(topic.partitions.size());
  }
  Report report;
  report.add(info_output[0])
      .rows.push_back({cluster->cluster_id,
                       cluster->controller == no_broker ? Cell()
                                                        : Cell(std::int64_t{cluster->controller}),
                       count, partitions});
  Section& brokers = report.add(info_output[1]);
  for (const BrokerDescription& broker : cluster->brokers) {
    brokers.rows.push_back({std::int64_t{broker.id}, fmt::format("{}:{}", broker.host, broker.port),
                            cell_of(broker.rack), broker.id == cluster->controller});
  }
  context.print(report);
  return Exit::ok;
}

Exit run_cluster_health(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  bool healthy = false;
  const Exit code = watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_ASSIGN(healthy, look_at_health(*admin, report));
    if (report.sections[1].rows.empty() && context.mode() == OutputMode::table) {
      report.sections.pop_back();
    }
    return healthy && (context.has("--exit-when-healthy") || context.has("--until"));
  });
  return code == Exit::ok && !healthy ? Exit::failed : code;
}

}  // namespace horolog::command
