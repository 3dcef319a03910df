#include <fmt/format.h>

#include <map>

#include "tools/cluster_access.hpp"
#include "tools/offset_bounds.hpp"
#include "tools/text.hpp"
#include "tools/topic_commands.hpp"

namespace horolog::command {
namespace {

constexpr Column list_columns[] = {
    {.name = "topic", .key = true},
    {"partitions", ColumnType::integer},
    {"replicas", ColumnType::integer},
    {.name = "internal", .type = ColumnType::flag, .wide = true},
    {.name = "topic_id", .wide = true},
};
constexpr SectionSpec list_output[] = {{"topics", list_columns}};

constexpr Column topic_columns[] = {
    {.name = "topic", .key = true},
    {"topic_id"},
    {"internal", ColumnType::flag},
    {"partitions", ColumnType::integer},
    {"records", ColumnType::integer, "end minus start, over all partitions"},
    {"bytes", ColumnType::bytes, "of the leaders' logs"},
};
constexpr Column config_columns[] = {
    {.name = "topic"},
    {.name = "name", .key = true},
    {"value"},
    {"source", ColumnType::text, "topic, dynamic_broker, static_broker, default, …"},
};
constexpr Column partition_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"leader", ColumnType::integer},
    {"replicas"},
    {"in_sync"},
    {"start", ColumnType::integer},
    {"stable", ColumnType::integer, "readers of committed records see up to here"},
    {"end", ColumnType::integer},
    {"bytes", ColumnType::bytes},
    {"newest", ColumnType::time, "timestamp of the newest record"},
};
constexpr SectionSpec describe_output[] = {{"topics", topic_columns},
                                           {"configs", config_columns},
                                           {"partitions", partition_columns}};

std::string brokers_text(const std::vector<BrokerId>& brokers) {
  return fmt::format("{}", fmt::join(brokers, ","));
}

/// Bytes of each partition on the broker that leads it; nothing when it cannot be asked.
std::map<TopicPartition, std::int64_t> leader_bytes(Admin& admin,
                                                    const std::vector<TopicDescription>& topics) {
  std::map<TopicPartition, BrokerId> leaders;
  for (const TopicDescription& topic : topics) {
    for (const auto& partition : topic.partitions) {
      leaders[{topic.name, partition.partition}] = partition.leader;
    }
  }
  std::map<TopicPartition, std::int64_t> bytes;
  const auto directories = admin.describe_log_dirs();
  if (!directories) return bytes;
  for (const auto& [broker, answer] : *directories) {
    if (!answer) continue;
    for (const LogDirectory& directory : *answer) {
      for (const ReplicaSize& replica : directory.replicas) {
        const auto leader = leaders.find(replica.partition);
        if (replica.future || leader == leaders.end() || leader->second != broker) continue;
        bytes[replica.partition] = replica.bytes;
      }
    }
  }
  return bytes;
}

Status put_configs(Admin& admin, const std::vector<TopicDescription>& topics, bool defaults,
                   Section& section) {
  std::vector<ConfigResource> resources;
  for (const auto& topic : topics) resources.push_back({ConfigType::topic, topic.name});
  HOROLOG_ASSIGN(const auto configs, admin.describe_configs(std::move(resources)));
  for (const auto& [resource, entries] : configs) {
    if (!entries) continue;
    for (const ConfigEntry& entry : *entries) {
      if (entry.source == ConfigSource::default_value && !defaults) continue;
      section.rows.push_back({resource.name, entry.name, cell_of(entry.value),
                              std::string(source_name(static_cast<int>(entry.source)))});
    }
  }
  return {};
}

}  // namespace

std::span<const SectionSpec> topic_ls_output() { return list_output; }
std::span<const SectionSpec> topic_describe_output() { return describe_output; }

std::string_view source_name(int source) {
  switch (static_cast<ConfigSource>(source)) {
    case ConfigSource::topic: return "topic";
    case ConfigSource::dynamic_broker: return "dynamic_broker";
    case ConfigSource::dynamic_default_broker: return "dynamic_default_broker";
    case ConfigSource::static_broker: return "static_broker";
    case ConfigSource::default_value: return "default";
    case ConfigSource::dynamic_broker_logger: return "broker_logger";
    case ConfigSource::client_metrics: return "client_metrics";
    case ConfigSource::group: return "group";
    case ConfigSource::unknown: break;
  }
  return "unknown";
}

Exit run_topic_ls(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto topics = select_topics(*admin, context.args(), context.has("--regex"),
                                    context.has("--internal"));
  if (!topics) return fail_cluster(context, topics.error());
  Report report;
  Section& section = report.add(list_output[0]);
  for (const TopicDescription& topic : *topics) {
    const std::size_t replicas =
        topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size();
    section.rows.push_back({topic.name, static_cast<std::int64_t>(topic.partitions.size()),
                            static_cast<std::int64_t>(replicas), topic.internal,
                            topic.id.is_zero() ? Cell() : Cell(topic.id.to_string())});
  }
  context.print(report);
  return Exit::ok;
}

Exit run_topic_describe(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto topics = select_topics(*admin, context.args(), context.has("--regex"), true);
  if (!topics) return fail_cluster(context, topics.error());
  std::vector<TopicPartition> all;
  std::vector<OffsetQuery> stable_queries;
  for (const TopicDescription& topic : *topics) {
    for (const auto& partition : topic.partitions) {
      all.push_back({topic.name, partition.partition});
      stable_queries.push_back({all.back(), OffsetSpec::latest()});
    }
  }
  std::vector<Error> errors;
  const auto bounds = offset_bounds(*admin, all, true, errors);
  if (!bounds) return fail_cluster(context, bounds.error());
  std::map<TopicPartition, Offset> stable;
  const auto listed = admin->list_offsets(std::move(stable_queries), Isolation::read_committed);
  if (!listed) return fail_cluster(context, listed.error());
  for (const auto& [id, answer] : *listed) {
    if (answer) stable[id] = answer->offset;
  }
  const auto bytes = leader_bytes(*admin, *topics);
  Report report;
  Section heads{describe_output[0], {}};
  Section configs{describe_output[1], {}};
  Section rows{describe_output[2], {}};
  for (const TopicDescription& topic : *topics) {
    std::int64_t records = 0, total = 0;
    for (const PartitionDescription& partition : topic.partitions) {
      const TopicPartition id{topic.name, partition.partition};
      const auto log = bounds->find(id);
      const bool known = log != bounds->end();
      const auto size = bytes.find(id);
      const auto end = stable.find(id);
      if (known) records += log->second.end - log->second.start;
      if (size != bytes.end()) total += size->second;
      rows.rows.push_back({topic.name, std::int64_t{partition.partition},
                           std::int64_t{partition.leader}, brokers_text(partition.replicas),
                           brokers_text(partition.in_sync),
                           known ? Cell(log->second.start) : Cell(),
                           end != stable.end() ? Cell(end->second) : Cell(),
                           known ? Cell(log->second.end) : Cell(),
                           size != bytes.end() ? Cell(size->second) : Cell(),
                           known ? cell_of(log->second.newest) : Cell()});
    }
    heads.rows.push_back({topic.name, topic.id.is_zero() ? Cell() : Cell(topic.id.to_string()),
                          topic.internal, static_cast<std::int64_t>(topic.partitions.size()),
                          records, bytes.empty() ? Cell() : Cell(total)});
  }
  const Status put = put_configs(*admin, *topics, context.has("--all-configs"), configs);
  if (!put) return fail_cluster(context, put.error());
  report.sections = {std::move(heads), std::move(configs), std::move(rows)};
  if (report.sections[1].rows.empty()) report.sections.erase(report.sections.begin() + 1);
  context.print(report);
  for (const Error& error : errors) fail_cluster(context, error);
  return errors.empty() ? Exit::ok : Exit::partial;
}

}  // namespace horolog::command
