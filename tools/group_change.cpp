#include <fmt/format.h>

#include <algorithm>

#include "tools/cluster_access.hpp"
#include "tools/group_blockers.hpp"
#include "tools/group_commands.hpp"
#include "tools/offsets_csv.hpp"
#include "tools/partition_selection.hpp"
#include "tools/settings_files.hpp"

namespace horolog::command {

Exit run_group_rm(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  if (!context.has("--yes") && !context.confirm("delete the group and its offsets?")) {
    return context.fail(Exit::refused, "nothing was deleted", "--yes does it without asking");
  }
  const auto done = admin->delete_groups(context.args());
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, [](const std::string& name) { return name; });
}

Exit run_group_offset_rm(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const std::string& group = context.args()[0];
  const auto committed = committed_offsets(*admin, group);
  if (!committed) return fail_cluster(context, committed.error());
  std::vector<TopicPartition> chosen;
  for (std::size_t i = 1; i < context.args().size(); ++i) {
    const auto selection = parse_selection(context.args()[i]);
    if (!selection) return context.fail(selection.error());
    const std::size_t before = chosen.size();
    for (const auto& [id, offset] : *committed) {
      if (id.topic == selection->topic && selection->contains(id.partition)) chosen.push_back(id);
    }
    if (chosen.size() == before) {
      return context.fail(Exit::not_found, fmt::format("group '{}' has committed nothing for '{}'",
                                                       group, context.args()[i]));
    }
  }
  if (!context.has("--yes") &&
      !context.confirm(fmt::format("forget {} offsets?", chosen.size()))) {
    return context.fail(Exit::refused, "nothing was deleted", "--yes does it without asking");
  }
  const auto done = admin->delete_group_offsets(group, std::move(chosen));
  if (!done) return fail_cluster(context, done.error());
  return report_failures(context, *done, name_of);
}

/// Several groups: the form with the group in front, as Kafka's tool has it.
Exit run_group_export(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  std::vector<CsvOffset> rows;
  const bool several = context.args().size() > 1;
  for (const std::string& group : context.args()) {
    const auto committed = committed_offsets(*admin, group);
    if (!committed) return fail_cluster(context, committed.error(), group);
    if (committed->empty()) {
      const auto known = admin->list_groups();
      if (!known) return fail_cluster(context, known.error());
      const bool exists = std::any_of(known->groups.begin(), known->groups.end(),
                                      [&](const GroupListing& each) { return each.id == group; });
      if (!exists) return fail_cluster(context, unknown_group(known->groups, group));
    }
    for (const auto& [id, offset] : *committed) rows.push_back({several ? group : "", id, offset});
  }
  context.write(format_offsets_csv(rows));
  return Exit::ok;
}

/// Commits what a file says, for one group or for those that stand in it.
Exit run_group_import(Context& context) {
  const std::string& path = context.args()[0];
  const auto text = read_text_file(path);
  if (!text) return context.fail(text.error());
  const auto rows = parse_offsets_csv(*text, path);
  if (!rows) return context.fail(rows.error());
  std::map<std::string, std::vector<OffsetToCommit>> by_group;
  for (const CsvOffset& row : *rows) {
    const std::string group = row.group.empty() ? context.text("--group").value_or("") : row.group;
    if (group.empty()) {
      return context.fail(Exit::usage, fmt::format("{} names no group", path),
                          "--group GROUP says whose offsets they are");
    }
    by_group[group].push_back({row.partition, row.offset, -1, {}});
  }
  for (const auto& [group, offsets] : by_group) {
    for (const OffsetToCommit& row : offsets) {
      context.write(fmt::format("{},{},{},{}\n", group, row.partition.topic,
                                row.partition.partition, row.offset));
    }
  }
  if (context.has("--dry-run")) return Exit::ok;
  if (!context.has("--execute") && !context.confirm("commit these offsets?")) {
    return context.fail(Exit::refused, "nothing was changed", "--execute commits them");
  }
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  for (auto& [group, offsets] : by_group) {
    const Exit blocked = refuse_active_group(context, *admin, group, 0);
    if (blocked != Exit::ok) return blocked;
    const auto done = admin->alter_group_offsets(group, std::move(offsets));
    if (!done) return fail_cluster(context, done.error(), group);
    const Exit code = report_failures(context, *done, name_of);
    if (code != Exit::ok) return code;
  }
  return Exit::ok;
}

}  // namespace horolog::command
