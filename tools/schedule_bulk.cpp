// schedule pause, resume, trigger, rm: one action on many schedules, perhaps millions. Of those
// that are chosen only the keys are held; commands are sent, decided about and printed in parts.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/cluster_access.hpp"
#include "tools/key_list.hpp"
#include "tools/row_stream.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_selection.hpp"

namespace horolog::command {
namespace {

constexpr Column plan_columns[] = {
    {.name = "key", .key = true},
    {"target"},
    {"rule"},
    {.name = "next", .type = ColumnType::time},
};
constexpr SectionSpec plan_output[] = {{"plan", plan_columns}};

/// Rows of a plan; of more than that the first are shown, and the others counted.
constexpr std::size_t most_planned = 1'000;
constexpr std::size_t most_targets = 5;
/// Commands in one part: a second or so of a scheduler's work.
constexpr std::size_t part_size = 20'000;

/// What an action would be done to.
class Plan {
 public:
  explicit Plan(Schedules& schedules) : reader_(schedules) {}

  Status add(ScheduleState state) {
    ++count_;
    ++targets_[state.topic()];
    if (rows_.size() == most_planned && state.key > rows_.rbegin()->first) return {};
    HOROLOG_ASSIGN(const KnownSchedule known, reader_.read(std::move(state)));
    rows_[known.state.key] = {known.state.key, known.state.topic(), known.rule_text(),
                              cell_of(known.next())};
    if (rows_.size() > most_planned) rows_.erase(std::prev(rows_.end()));
    return {};
  }

  void print(Context& context) {
    Report report;
    Section& section = report.add(plan_output[0]);
    for (const auto& [key, row] : rows_) section.rows.push_back(row);
    context.print(report);
    if (count_ > rows_.size())
      context.warn(fmt::format("these are the first {} of {} schedules, {}; `schedule ls` with the "
                               "same words lists all of them", rows_.size(), count_, by_target()));
  }

 private:
  std::string by_target() const {
    std::vector<std::pair<std::size_t, std::string>> most;
    for (const auto& [topic, count] : targets_) most.emplace_back(count, topic);
    std::sort(most.rbegin(), most.rend());
    std::string out;
    for (std::size_t i = 0; i < std::min(most.size(), most_targets); ++i)
      out += fmt::format("{}{} into {}", i == 0 ? "" : ", ", most[i].first, most[i].second);
    if (most.size() > most_targets)
      out += fmt::format(", the others into {} more topics", most.size() - most_targets);
    return out;
  }

  ScheduleReader reader_;
  std::size_t count_ = 0;
  std::map<std::string, std::size_t> targets_;
  std::map<std::string, std::vector<Cell>> rows_;
};

/// A part of the commands as the broker has stored them, in the order of the keys.
Result<std::vector<SentCommand>> send_part(Schedules& schedules, ScheduleAction action,
                                           const std::vector<std::string>& keys) {
  HOROLOG_ASSIGN(auto all, schedules.send_all(action, keys));
  std::vector<SentCommand> sent;
  for (auto& [key, one] : all) {
    if (!one) return one.error().with_context(key);
    sent.push_back(std::move(*one));
  }
  return sent;
}

/// While a part is decided about, the next one is already on its way. Once no scheduler decides, no
/// more is sent.
Exit change_all(Context& context, Schedules& schedules, ScheduleAction action, KeyList keys) {
  keys.sort();
  RowStream rows(context, schedule_sent_output()[0]);
  Decisions decisions(context);
  std::size_t sent = 0;
  Status status;
  bool decided = true;
  std::vector<SentCommand> before;
  do {
    std::vector<SentCommand> part;
    if (status && decided) {
      auto next = send_part(schedules, action, keys.part(sent, part_size));
      if (!next) status = next.error();
      if (next) part = std::move(*next);
      sent += part.size();
    }
    const std::size_t accepted = decisions.accepted();
    const auto all = decisions.await(schedules, before);
    if (!all) status = all.error();
    decided = decided && all && *all;
    // Of what was refused altogether there is nothing to show.
    if (all && *all && (context.has("--no-wait") || decisions.accepted() > accepted))
      for (const SentCommand& each : before)
        rows.put({each.key, std::int64_t{each.partition}, each.offset});
    before = std::move(part);
  } while (!before.empty());
  rows.finish();
  if (!status) {
    if (sent > 0) context.warn(fmt::format("{} of {} commands were sent", sent, keys.size()));
    return fail_cluster(context, status.error());
  }
  return decisions.finish(keys.size() - sent);
}

/// One action on what the words and flags choose: a plan first when they choose by more than names.
Exit act(Context& context, ScheduleAction action, std::string_view verb) {
  if (context.args().empty() && !selects(context))
    return context.fail(Exit::usage, fmt::format("say which schedules to {}", verb),
                        "keys, patterns such as 'report:*', --prefix, --label, --target, or --all");
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  const bool dry = context.has("--dry-run");
  const bool asks =
      (selects(context) || action == ScheduleAction::cancel) && !context.has("--yes");
  const bool planned = dry || asks;
  KeyList keys;
  Plan plan(*schedules);
  const Status chosen = each_selected(
      context, *schedules, planned ? Detail::rules : Detail::keys, [&](ScheduleState state) {
        keys.add(state.key);
        return planned ? plan.add(std::move(state)) : Status();
      });
  if (!chosen) return fail_cluster(context, chosen.error());
  if (keys.empty()) return context.fail(Exit::not_found, "no schedule matches");
  if (planned) plan.print(context);
  if (dry) return Exit::ok;
  if (asks && !context.confirm(fmt::format("{} {} schedules?", verb, keys.size())))
    return context.fail(Exit::refused, "nothing was changed", "--yes does it without asking");
  return change_all(context, *schedules, action, std::move(keys));
}

}  // namespace

Exit run_schedule_pause(Context& context) { return act(context, ScheduleAction::pause, "pause"); }
Exit run_schedule_resume(Context& context) {
  return act(context, ScheduleAction::resume, "resume");
}
Exit run_schedule_trigger(Context& context) {
  return act(context, ScheduleAction::trigger, "trigger");
}
Exit run_schedule_rm(Context& context) { return act(context, ScheduleAction::cancel, "cancel"); }

}  // namespace horolog::command
