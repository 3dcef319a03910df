#include <fmt/format.h>

#include "tools/cluster_access.hpp"
#include "tools/group_commands.hpp"
#include "tools/group_lag.hpp"
#include "tools/group_states.hpp"
#include "tools/text.hpp"

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
std::span<const SectionSpec> group_members_output() { return members_output; }

Exit run_group_ls(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const auto states = group_states(context);
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

}  // namespace horolog::command
