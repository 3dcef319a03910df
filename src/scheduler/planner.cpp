#include "scheduler/planner.hpp"

#include <queue>
#include <set>
#include <utility>

#include "scheduler/calendar_rules.hpp"
#include "scheduler/command_rules.hpp"
#include "scheduler/fire_rules.hpp"

namespace horolog::scheduler {
namespace {

struct Due {
  TimestampMs wake = 0;
  std::string key;

  bool operator>(const Due& other) const {
    return std::tie(wake, key) > std::tie(other.wake, other.key);
  }
};
using Queue = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

bool passed_over(const Tick& tick, const std::string& target) {
  if (tick.only_target) return target != *tick.only_target;
  return !target.empty() && tick.stalled && tick.stalled(target);
}

/// What may be fired in this tick: the earliest of the state, as many as could fit, and everything
/// that the draft has touched already.
Queue collect(const Draft& draft, const Tick& tick) {
  Queue queue;
  for (const auto& [key, entry] : draft.changed()) {
    const auto wake = entry.wake();
    if (wake && *wake <= tick.now && !passed_over(tick, entry.target())) queue.push({*wake, key});
  }
  std::size_t taken = 0;
  draft.state().due().walk(
      tick.now, [&](const std::string& target) { return passed_over(tick, target); },
      [&](const DueIndex::Due& due) {
        if (!draft.edited(due.key)) queue.push({due.wake, due.key});
        return ++taken <= tick.most_fires + draft.changed().size();
      });
  return queue;
}

}  // namespace

void Planner::start(Offset next_command, Offset next_run) {
  draft_.meta().partitions = context_.partitions;
  skip_to(next_command, next_run);
}

void Planner::skip_to(Offset next_command, Offset next_run) {
  draft_.meta().next_command = next_command;
  draft_.meta().next_run = next_run;
}

void Planner::command(const InRecord& in) {
  draft_.meta().next_command = in.offset + 1;
  apply_command(draft_, context_, in);
}

void Planner::run(const InRecord& in) {
  draft_.meta().next_run = in.offset + 1;
  if (!in.record.key || !in.record.value) return;
  const std::string* key = draft_.state().owner_of_run(*in.record.key);
  if (key == nullptr) return;
  const auto run = RunRecord::parse(*in.record.value);
  if (!run || !ends_run(run->event)) return;
  Entry& entry = draft_.edit(*key);
  std::erase_if(entry.cursor.open,
                [&](const OpenRun& open) { return open.fire_id == *in.record.key; });
}

void Planner::calendar_changed(const std::string& key, TimestampMs now) {
  const Entry* entry = draft_.find(key);
  if (entry != nullptr && entry->definition) recheck_calendar(draft_, draft_.edit(key), now);
}

bool Planner::due(const Tick& tick) {
  const std::size_t before = draft_.fires();
  const auto room = [&] {
    return draft_.fires() - before < tick.most_fires && draft_.records() < 4 * tick.most_fires &&
           draft_.fired_bytes() < tick.most_bytes;
  };
  Queue queue = collect(draft_, tick);
  while (!queue.empty() && room()) {
    const std::string key = queue.top().key;
    queue.pop();
    Entry& entry = draft_.edit(key);
    step(draft_, entry, tick);
    const auto wake = entry.wake();
    if (wake && *wake <= tick.now) queue.push({*wake, key});
  }
  bool more = !queue.empty();
  std::size_t filled = 0;
  for (const std::string& key : draft_.state().backfilling()) {
    const Entry* entry = draft_.find(key);
    if (!entry->definition || passed_over(tick, entry->target())) continue;
    while (room() && filled < tick.most_backfilled && draft_.find(key)->definition &&
           !draft_.find(key)->cursor.backfills.empty() && !draft_.find(key)->busy()) {
      fill(draft_, draft_.edit(key), tick.now);
      ++filled;
    }
  }
  return more || filled >= tick.most_backfilled;
}

}  // namespace horolog::scheduler
