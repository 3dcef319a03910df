#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tools/cluster_access.hpp"
#include "tools/group_blockers.hpp"
#include "tools/group_commands.hpp"
#include "tools/offset_bounds.hpp"
#include "tools/offsets_csv.hpp"
#include "tools/partition_selection.hpp"
#include "tools/reset_plan.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column plan_columns[] = {
    {.name = "topic", .key = true},
    {.name = "partition", .type = ColumnType::integer, .key = true, .title = "PART"},
    {"prior", ColumnType::integer, "committed before; null: never"},
    {"new", ColumnType::integer, "to be committed"},
    {"delta", ColumnType::integer},
    {"start", ColumnType::integer},
    {"end", ColumnType::integer},
    {"time_at_new", ColumnType::time, "when the record at the new offset came about"},
    {"effect"},
    {.name = "note", .when_used = true},
};
constexpr SectionSpec plan_output[] = {{"plan", plan_columns}};

/// What the words of the command line ask for.
Result<ResetTarget> read_target(Context& context, Admin& admin) {
  const int given = int{context.has("--to")} + int{context.has("--to-group")} +
                    int{context.has("--from-file")};
  if (given != 1) {
    return Error(Errc::invalid_argument, "say where to: one of --to, --to-group and --from-file");
  }
  if (const auto to = context.text("--to")) return parse_reset_target(*to, context.now());
  ResetTarget target;
  target.kind = ResetTarget::Kind::explicit_offsets;
  if (const auto file = context.text("--from-file")) {
    HOROLOG_ASSIGN(const auto text, read_text_file(*file));
    HOROLOG_ASSIGN(const auto rows, parse_offsets_csv(text, *file));
    for (const CsvOffset& row : rows) {
      if (row.group.empty() || row.group == context.args()[0]) {
        target.offsets[row.partition] = row.offset;
      }
    }
    return target;
  }
  HOROLOG_ASSIGN(const auto offsets, committed_offsets(admin, *context.text("--to-group")));
  target.offsets = offsets;
  return target;
}

/// The partitions in question: those named, else those of the target, else all committed ones.
Result<std::vector<TopicPartition>> read_scope(Context& context, Admin& admin,
                                               const ResetTarget& target,
                                               const std::map<TopicPartition, Offset>& committed) {
  const auto words = context.all("--topic");
  if (!words.empty()) {
    HOROLOG_ASSIGN(auto chosen, select_partitions(admin, words));
    std::set<std::string> known;
    for (const auto& [id, offset] : committed) known.insert(id.topic);
    for (const TopicPartition& id : chosen) {
      if (known.contains(id.topic) || context.has("--allow-new-topics")) continue;
      return Error(Errc::busy, fmt::format("the group never committed anything for topic '{}'; "
                                           "--allow-new-topics does it all the same",
                                           id.topic));
    }
    return chosen;
  }
  std::vector<TopicPartition> all;
  if (target.kind == ResetTarget::Kind::explicit_offsets) {
    for (const auto& [id, offset] : target.offsets) all.push_back(id);
  } else {
    for (const auto& [id, offset] : committed) all.push_back(id);
  }
  if (all.empty()) {
    return Error(Errc::not_found,
                 fmt::format("group '{}' has committed nothing: --topic names what to reset",
                             context.args()[0]));
  }
  return all;
}

Result<std::vector<PlannedMove>> make_plan(Context& context, Admin& admin,
                                           const ResetTarget& target,
                                           const std::vector<TopicPartition>& scope,
                                           const std::map<TopicPartition, Offset>& committed,
                                           BoundsByPartition& bounds) {
  std::vector<Error> errors;
  HOROLOG_ASSIGN(bounds, offset_bounds(admin, scope, true, errors));
  if (!errors.empty()) return errors.front();
  std::map<TopicPartition, Offset> at_time;
  if (target.kind == ResetTarget::Kind::time) {
    std::vector<OffsetQuery> queries;
    for (const TopicPartition& id : scope) {
      queries.push_back({id, OffsetSpec::at_time(target.time)});
    }
    HOROLOG_ASSIGN(const auto found, admin.list_offsets(std::move(queries)));
    for (const auto& [id, answer] : found) {
      if (!answer) return answer.error();
      if (answer->offset >= 0) at_time[id] = answer->offset;
    }
  }
  std::vector<PartitionState> states;
  for (const TopicPartition& id : scope) {
    PartitionState state{id, std::nullopt, bounds.at(id).start, bounds.at(id).end, std::nullopt};
    if (const auto found = committed.find(id); found != committed.end()) {
      state.committed = found->second;
    }
    if (const auto found = at_time.find(id); found != at_time.end()) state.at_time = found->second;
    states.push_back(state);
  }
  return plan_reset(target, states, {.clamp = !context.has("--no-clamp")});
}

Report plan_report(const std::vector<PlannedMove>& plan,
                   const std::map<TopicPartition, TimestampMs>& times) {
  Report report;
  Section& section = report.add(plan_output[0]);
  for (const PlannedMove& move : plan) {
    const auto time = times.find(move.id);
    std::string note;
    if (move.clamped) note = "clamped to the log";
    if (move.no_later_record) note = "no record is as new: the end";
    section.rows.push_back({move.id.topic, std::int64_t{move.id.partition}, cell_of(move.prior),
                            move.target, cell_of(move.delta()), move.start, move.end,
                            time != times.end() ? Cell(time->second) : Cell(), move.effect(),
                            note.empty() ? Cell() : Cell(note)});
  }
  return report;
}

/// Where the offsets from before are kept; Errc::io when they cannot be.
Result<std::string> save_undo(const std::string& group, const std::vector<PlannedMove>& plan,
                              TimestampMs now) {
  std::vector<CsvOffset> prior;
  for (const PlannedMove& move : plan) {
    if (move.prior) prior.push_back({"", move.id, *move.prior});
  }
  if (prior.empty()) return std::string();
  std::string file = group;
  for (char& c : file) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!plain) c = '_';
  }
  const std::string path = fmt::format("{}/undo/{}-{}.csv", state_directory(), file, now);
  HOROLOG_TRY(write_text_file(path, format_offsets_csv(prior)));
  return path;
}

Exit apply_plan(Context& context, Admin& admin, const std::vector<PlannedMove>& plan) {
  const std::string& group = context.args()[0];
  const auto undo = save_undo(group, plan, context.now());
  if (!undo) {
    return context.fail(Exit::refused, undo.error().message(),
                        "nothing was changed: without a saved state there is no way back");
  }
  std::vector<OffsetToCommit> offsets;
  for (const PlannedMove& move : plan) offsets.push_back({move.id, move.target, -1, {}});
  const auto done = admin.alter_group_offsets(group, std::move(offsets));
  if (!done) return fail_cluster(context, done.error());
  const Exit code = report_failures(context, *done, name_of);
  if (code == Exit::ok) context.note(fmt::format("group '{}' was moved", group));
  if (!undo->empty()) {
    context.note(fmt::format("undo: horolog group reset {} --from-file {} --execute", group,
                             *undo));
  }
  return code;
}

}  // namespace

std::span<const SectionSpec> group_reset_output() { return plan_output; }

Exit run_group_reset(Context& context) {
  auto admin = open_admin(context);
  if (!admin) return fail_cluster(context, admin.error());
  const std::string& group = context.args()[0];
  const auto target = read_target(context, *admin);
  if (!target) return fail_cluster(context, target.error());
  if (target->zone_assumed) {
    context.note(fmt::format("no zone was written: {} (UTC) was taken", format_time(target->time)));
  }
  const auto committed = committed_offsets(*admin, group);
  if (!committed) return fail_cluster(context, committed.error());
  const auto scope = read_scope(context, *admin, *target, *committed);
  if (!scope) return fail_cluster(context, scope.error());
  BoundsByPartition bounds;
  const auto plan = make_plan(context, *admin, *target, *scope, *committed, bounds);
  if (!plan) return fail_cluster(context, plan.error());
  std::map<TopicPartition, Offset> targets;
  for (const PlannedMove& move : *plan) targets[move.id] = move.target;
  const auto times = timestamps_at(*admin, targets, bounds);
  context.print(plan_report(*plan, times ? *times : std::map<TopicPartition, TimestampMs>()));
  if (context.has("--dry-run")) return Exit::ok;
  const std::int64_t wait = context.duration_ms("--wait-empty", 0);
  const Exit blocked = refuse_active_group(context, *admin, group, wait);
  if (blocked != Exit::ok) return blocked;
  const bool agreed = context.has("--execute") || context.has("--yes") ||
                      context.confirm("apply?");
  if (!agreed) {
    return context.fail(Exit::refused, "nothing was changed: this is the plan",
                        "--execute applies it");
  }
  return apply_plan(context, *admin, *plan);
}

}  // namespace horolog::command
