// How far behind groups are: group describe, lag and top.

#include <fmt/format.h>

#include <algorithm>

#include "tools/cluster_access.hpp"
#include "tools/commit_times.hpp"
#include "tools/group_commands.hpp"
#include "tools/group_lag.hpp"
#include "tools/group_states.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Column group_columns[] = {
    {.name = "group", .key = true},
    {"state"},
    {"status", ColumnType::text, "OK, WARN, STALLED, STOPPED, REWOUND or UNKNOWN"},
    {"type", ColumnType::text, "classic, or consumer (KIP-848)"},
    {"assignor"},
    {"coordinator", ColumnType::text, "broker and its address"},
    {"members", ColumnType::integer},
    {"idle_members", ColumnType::integer, "members without a partition"},
    {"total_lag", ColumnType::integer, "records"},
    {"lag_time", ColumnType::duration, "of the partition furthest behind"},
    {"uncommitted_partitions", ColumnType::integer, "where nothing was ever committed"},
};
constexpr Column partition_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"committed", ColumnType::integer, "the next record to be read; null: never committed"},
    {"start", ColumnType::integer},
    {"end", ColumnType::integer},
    {"lag", ColumnType::integer, "records"},
    {"lag_time", ColumnType::duration, "newest record minus the next one to be read"},
    {.name = "in_per_s", .type = ColumnType::number, .when_used = true, .title = "IN/S"},
    {.name = "out_per_s", .type = ColumnType::number, .when_used = true, .title = "OUT/S"},
    {.name = "eta", .type = ColumnType::duration,
     .meaning = "until it has caught up at these rates", .when_used = true},
    {.name = "commit_age", .type = ColumnType::duration,
     .meaning = "since the offset was last committed", .when_used = true},
    {"status"},
    {"client_id"},
    {"host"},
    {.name = "member_id", .wide = true},
    {.name = "instance_id", .when_used = true},
    {.name = "note", .when_used = true},
};
constexpr SectionSpec describe_output[] = {{"group", group_columns, true},
                                           {"partitions", partition_columns}};
constexpr SectionSpec lag_output[] = {{"partitions", partition_columns}};
constexpr SectionSpec top_output[] = {{"groups", group_columns}};

std::vector<Cell> group_row(const GroupLag& lag) {
  const BrokerDescription& broker = lag.group.coordinator;
  return {lag.group.id,
          lag.group.state,
          std::string(to_string(lag.status)),
          lag.group.type,
          lag.group.assignor.empty() ? Cell() : Cell(lag.group.assignor),
          fmt::format("{} ({}:{})", broker.id, broker.host, broker.port),
          static_cast<std::int64_t>(lag.group.members.size()),
          lag.idle_members,
          lag.total_lag,
          cell_of(lag.lag_time_ms),
          lag.uncommitted};
}

std::vector<Cell> partition_row(const PartitionLag& row) {
  const GroupMember* member = row.member;
  return {row.id.topic,
          std::int64_t{row.id.partition},
          cell_of(row.committed),
          row.start,
          row.end,
          cell_of(row.lag),
          cell_of(row.lag_time_ms),
          cell_of(row.rates.in_per_s),
          cell_of(row.rates.out_per_s),
          cell_of(row.rates.catch_up_ms),
          cell_of(row.commit_age_ms),
          std::string(to_string(row.status)),
          member != nullptr ? Cell(member->client_id) : Cell(),
          member != nullptr ? Cell(member->host) : Cell(),
          member != nullptr ? Cell(member->id) : Cell(),
          member != nullptr ? cell_of(member->instance_id) : Cell(),
          row.note.empty() ? Cell() : Cell(row.note)};
}

void put_partitions(const GroupLag& lag, Section& section) {
  for (const PartitionLag& row : lag.partitions) section.rows.push_back(partition_row(row));
}

/// An observer that knows from the first look on how old the commits are.
LagObserver observer_of(Context& context, Admin& admin) {
  const std::string& group = context.args()[0];
  return {admin, group, [&context, group](std::set<TopicPartition> partitions) {
            return commit_times(context, group, std::move(partitions));
          }};
}

/// --lagging and --stalled.
bool is_wanted(const Context& context, const GroupLag& lag) {
  const bool still = lag.status == LagStatus::stalled || lag.status == LagStatus::stopped;
  return (lag.total_lag > 0 || !context.has("--lagging")) && (still || !context.has("--stalled"));
}

/// The worst first; by name where two are alike.
void sort_groups(std::string_view by, std::vector<GroupLag>& groups) {
  const auto badness = [by](const GroupLag& lag) -> std::int64_t {
    if (by == "name") return 0;
    return by == "lag" ? lag.total_lag : lag.lag_time_ms.value_or(0);
  };
  std::sort(groups.begin(), groups.end(), [&](const GroupLag& a, const GroupLag& b) {
    return badness(a) != badness(b) ? badness(a) > badness(b) : a.group.id < b.group.id;
  });
}

}  // namespace

std::span<const SectionSpec> group_describe_output() { return describe_output; }
std::span<const SectionSpec> group_lag_output() { return lag_output; }
std::span<const SectionSpec> group_top_output() { return top_output; }


Exit run_group_describe(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  LagObserver observer = observer_of(context, *admin);
  auto lag = observer.look(context.now(), true);
  if (!lag) return fail_cluster(context, lag.error());
  if (const std::int64_t sample = context.duration_ms("--sample", 0); sample > 0) {
    sleep_ms(sample);
    lag = observer.look(context.now(), true);
    if (!lag) return fail_cluster(context, lag.error());
  }
  Report report;
  report.add(describe_output[0]).rows.push_back(group_row(*lag));
  put_partitions(*lag, report.add(describe_output[1]));
  context.print(report);
  return Exit::ok;
}

Exit run_group_lag(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  LagObserver observer = observer_of(context, *admin);
  const auto until = context.text("--until");
  return watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_ASSIGN(const auto lag, observer.look(context.now(), true));
    put_partitions(lag, report.add(lag_output[0]));
    return lag_reached(until, lag.total_lag, lag.status == LagStatus::ok);
  });
}

Exit run_group_top(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto states = group_states(context);
  if (!states) return context.fail(states.error());
  std::map<std::string, LagObserver> observers;
  return watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_ASSIGN(const auto groups, admin->list_groups(*states));
    std::vector<GroupLag> all;
    for (const GroupListing& group : groups.groups) {
      const bool consumes = group.protocol_type.empty() || group.protocol_type == "consumer";
      if (!consumes) continue;
      auto [observer, made] = observers.try_emplace(group.id, *admin, group.id);
      auto lag = observer->second.look(context.now(), true);
      // It may have gone between the two questions.
      if (!lag && lag.error().code() == Errc::not_found) continue;
      if (!lag) return lag.error();
      if (is_wanted(context, *lag)) all.push_back(std::move(*lag));
    }
    sort_groups(context.text("--sort").value_or("lag"), all);
    Section& section = report.add(top_output[0]);
    for (const GroupLag& lag : all) section.rows.push_back(group_row(lag));
    return false;
  });
}

}  // namespace horolog::command
