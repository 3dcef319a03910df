#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.hpp"
#include "tools/cluster_access.hpp"
#include "tools/commit_times.hpp"
#include "tools/group_commands.hpp"
#include "tools/group_lag.hpp"
#include "tools/text.hpp"
#include "tools/watch.hpp"

namespace horolog::command {
namespace {

constexpr Column list_columns[] = {
    {.name = "group", .key = true},
    {"state"},
    {"type", ColumnType::text, "classic or consumer"},
    {"protocol", ColumnType::text, "consumer, or what else the members do"},
    {"coordinator", ColumnType::integer, "the broker that keeps it"},
};
constexpr SectionSpec list_output[] = {{"groups", list_columns}};

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

constexpr Column member_columns[] = {
    {.name = "member_id", .key = true},
    {"client_id"},
    {"host"},
    {.name = "instance_id", .when_used = true},
    {"partitions", ColumnType::integer},
    {"assignment"},
    {.name = "subscription", .wide = true},
};
constexpr SectionSpec members_output[] = {{"members", member_columns}};

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

bool same_word(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return (x | 0x20) == (y | 0x20); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

/// --state, each as the protocol writes it; a word that is no state would match nothing.
Result<std::vector<std::string>> read_states(const Context& context) {
  constexpr std::string_view known[] = {"Stable",     "Empty",       "PreparingRebalance",
                                        "Assigning",  "Reconciling", "CompletingRebalance",
                                        "NotReady",   "Dead"};
  std::vector<std::string> states;
  const auto text = context.text("--state");
  if (!text) return states;
  for (const std::string_view word : split(*text, ',')) {
    const auto* found = std::ranges::find_if(
        known, [&](std::string_view state) { return same_word(state, word); });
    if (found == std::end(known)) {
      const auto near = nearest_name(word, known);
      return Error(Errc::invalid_argument,
                   fmt::format("--state: '{}' is none of {}{}", word, fmt::join(known, ", "),
                               near ? fmt::format(": did you mean '{}'?", *near) : ""));
    }
    states.emplace_back(*found);
  }
  return states;
}

/// An observer that knows from the first look on how old the commits are.
LagObserver observer_of(Context& context, Admin& admin) {
  const std::string& group = context.args()[0];
  return {admin, group, [&context, group](std::set<TopicPartition> partitions) {
            return commit_times(context, group, std::move(partitions));
          }};
}

std::string assignment_text(const GroupMember& member) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < member.assignment.size(); ++i) {
    const TopicPartition& id = member.assignment[i];
    const bool same = i > 0 && member.assignment[i - 1].topic == id.topic;
    if (same) {
      parts.back() += fmt::format(",{}", id.partition);
    } else {
      parts.push_back(name_of(id));
    }
  }
  return join(parts, " ");
}

}  // namespace

std::span<const SectionSpec> group_ls_output() { return list_output; }
std::span<const SectionSpec> group_describe_output() { return describe_output; }
std::span<const SectionSpec> group_members_output() { return members_output; }
std::span<const SectionSpec> group_lag_output() { return lag_output; }
std::span<const SectionSpec> group_top_output() { return top_output; }

Exit run_group_ls(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto states = read_states(context);
  if (!states) return context.fail(states.error());
  const auto type = context.text("--type");
  const auto groups = admin->list_groups(*states);
  if (!groups) return fail_cluster(context, groups.error());
  Report report;
  Section& section = report.add(list_output[0]);
  for (const GroupListing& group : groups->groups) {
    if (type && group.type.empty()) {
      return context.fail(Exit::failed, "--type: this cluster does not say of what type a group is",
                          "Kafka 3.8 and later do");
    }
    if (type && !same_word(*type, group.type)) continue;
    section.rows.push_back({group.id, group.state.empty() ? Cell() : Cell(group.state),
                            group.type.empty() ? Cell() : Cell(group.type),
                            group.protocol_type.empty() ? Cell() : Cell(group.protocol_type),
                            std::int64_t{group.coordinator}});
  }
  context.print(report);
  for (const Error& error : groups->errors) fail_cluster(context, error);
  return groups->errors.empty() ? Exit::ok : Exit::partial;
}

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

Exit run_group_members(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  LagObserver observer(*admin, context.args()[0]);
  const auto lag = observer.look(context.now(), false);
  if (!lag) return fail_cluster(context, lag.error());
  Report report;
  Section& section = report.add(members_output[0]);
  for (const GroupMember& member : lag->group.members) {
    const std::string mine = assignment_text(member);
    section.rows.push_back({member.id, member.client_id, member.host, cell_of(member.instance_id),
                            static_cast<std::int64_t>(member.assignment.size()),
                            mine.empty() ? Cell() : Cell(mine), join(member.topics, ",")});
  }
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
  std::map<std::string, LagObserver> observers;
  return watch(context, [&](Report& report) -> Result<bool> {
    HOROLOG_ASSIGN(const auto groups, admin->list_groups());
    std::vector<GroupLag> all;
    for (const GroupListing& group : groups.groups) {
      const bool consumes = group.protocol_type.empty() || group.protocol_type == "consumer";
      if (!consumes) continue;
      auto [observer, made] = observers.try_emplace(group.id, *admin, group.id);
      auto lag = observer->second.look(context.now(), true);
      // It may have gone between the two questions.
      if (!lag && lag.error().code() == Errc::not_found) continue;
      if (!lag) return lag.error();
      all.push_back(std::move(*lag));
    }
    std::sort(all.begin(), all.end(), [](const GroupLag& a, const GroupLag& b) {
      return a.total_lag != b.total_lag ? a.total_lag > b.total_lag : a.group.id < b.group.id;
    });
    Section& section = report.add(top_output[0]);
    for (const GroupLag& lag : all) section.rows.push_back(group_row(lag));
    return false;
  });
}

}  // namespace horolog::command
