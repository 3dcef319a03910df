#include "scheduler/planner.hpp"

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

#include "scheduler/calendar_rules.hpp"
#include "scheduler/command_rules.hpp"
#include "scheduler/condition_rules.hpp"
#include "scheduler/fire_rules.hpp"
#include "scheduler/names.hpp"

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

/// Its fires are written as fast as they can be, and more would only wait.
bool crowded(const Entry* entry, const Tick& tick) {
  return entry != nullptr && entry->definition && entry->definition->overlap == Overlap::allow &&
         entry->cursor.waiting.size() >= most_waiting / 2 && !passed_over(tick, entry->target());
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

bool Planner::changes_watching() const {
  return std::any_of(draft_.changed().begin(), draft_.changed().end(), [&](const auto& each) {
    const DefinitionPtr& definition = each.second.definition;
    if (!definition || definition->conditions.empty()) return false;
    const Entry* before = draft_.state().find(each.first);
    return before == nullptr || before->definition != definition;
  });
}

bool Planner::watched(const WatchedRecord& record, const Tick& tick) {
  if (draft_.admitted() >= tick.most_fires) return false;
  const WatchIndex& index = draft_.state().watchers();
  if (record.place.topic == topic::runs) {
    draft_.watched_to(record.place, record.in.offset + 1);
    if (!record.in.record.value || index.schedules().empty()) return true;
    const auto run = RunRecord::parse(*record.in.record.value);
    if (!run || !run->schedule || !ends_run(run->event)) return true;
    const auto waiting = index.schedules().find(*run->schedule);
    if (waiting == index.schedules().end()) return true;
    for (const std::string& key : waiting->second)
      see_end(draft_, key, *run->schedule, *run, record, tick.now);
    return true;
  }
  const auto waiting = index.topics().find(record.place.topic);
  if (waiting == index.topics().end()) return true;
  for (const std::string& key : waiting->second)
    if (crowded(draft_.find(key), tick)) return false;
  draft_.watched_to(record.place, record.in.offset + 1);
  for (const std::string& key : waiting->second) see_record(draft_, key, record, tick.now);
  return true;
}

void Planner::watch_from(const TopicPartition& place, Offset next) {
  if (draft_.state().watches().contains(place)) return;
  draft_.watch_from(place, next);
  draft_.write_positions();
}

void Planner::topic_gone(const std::string& topic, const WatchIndex& watchers) {
  bool moved = false;
  for (const auto& [place, next] : draft_.state().watches()) {
    if (place.topic != topic || next == 0) continue;
    draft_.watched_to(place, 0);
    moved = true;
  }
  if (!moved) return;
  draft_.write_positions();
  for (const std::string& key : watchers.topics().at(topic)) {
    const Entry* known = draft_.find(key);
    if (known == nullptr || !known->cursor.when) continue;
    Entry& entry = draft_.edit(key);
    for (std::size_t i = 0; i < entry.cursor.when->each.size(); ++i)
      if (entry.definition->conditions[i].topic == topic) entry.cursor.when->each[i].from.clear();
  }
}

void Planner::watched_to(const std::map<TopicPartition, Offset>& positions, bool write) {
  for (const auto& [place, next] : positions) draft_.watched_to(place, next);
  if (write) draft_.write_positions();
}

void Planner::lag(const WatchIndex::Lag& which, std::int64_t lag, TimestampMs now) {
  const auto waiting = draft_.state().watchers().lags().find(which);
  if (waiting == draft_.state().watchers().lags().end()) return;
  for (const std::string& key : waiting->second) see_lag(draft_, key, which, lag, now);
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
    // Conditions that are due and could not be decided wait for the reading, not for another step.
    const auto wake = entry.wake_without_conditions();
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
