#include "scheduler/draft.hpp"

#include <utility>

namespace horolog::scheduler {

const Entry* Draft::find(const std::string& key) const {
  const auto at = changed_.find(key);
  return at != changed_.end() ? &at->second : state_.find(key);
}

Entry& Draft::edit(const std::string& key) {
  const auto [at, added] = changed_.try_emplace(key);
  if (added) {
    if (const Entry* known = state_.find(key)) at->second = *known;
  }
  return at->second;
}

void Draft::write_entry(const std::string& key, const Entry& entry) {
  static const Entry blank;
  const Entry* found = state_.find(key);
  const Entry& before = found != nullptr ? *found : blank;
  if (entry.definition != before.definition)
    transaction_.state.push_back(entry.definition ? definition_record(*entry.definition)
                                                  : definition_tombstone(key));
  if (entry.cursor.blank()) {
    if (!before.cursor.blank()) transaction_.state.push_back(cursor_tombstone(key));
  } else if (before.cursor.blank() || entry.cursor.to_text() != before.cursor.to_text()) {
    transaction_.state.push_back(cursor_record(key, entry.cursor));
  }
}

/// A position alone says nothing that could not be read again.
void Draft::write_watches(bool anything_else) {
  WatchIndex drafted;
  for (const auto& [key, entry] : changed_)
    if (entry.definition) drafted.add(key, *entry.definition);
  const auto wanted = [&](const TopicPartition& place) {
    return state_.watchers().wants(place, meta_.partitions) ||
           drafted.wants(place, meta_.partitions);
  };
  const auto& before = state_.watches();
  const auto id_of = [](const std::map<std::string, Uuid>& ids, const std::string& topic) {
    const auto at = ids.find(topic);
    return at == ids.end() ? Uuid{} : at->second;
  };
  for (const auto& [place, next] : before)
    if (!wanted(place)) transaction_.state.push_back(watch_record(place, std::nullopt));
  if (!anything_else && !positions_ && transaction_.state.empty()) return;
  for (const auto& [place, next] : before)
    if (watched_ids_.contains(place.topic)) watched_.try_emplace(place, next);
  for (const auto& [place, next] : watched_) {
    const auto at = before.find(place);
    const Uuid known = id_of(state_.watched_ids(), place.topic);
    const Uuid id = watched_ids_.contains(place.topic) ? watched_ids_.at(place.topic) : known;
    if (wanted(place) && (at == before.end() || at->second != next || id != known))
      transaction_.state.push_back(watch_record(place, Watch{next, id}));
  }
}

Transaction Draft::finish() && {
  for (const auto& [key, entry] : changed_) write_entry(key, entry);
  const Meta& before = state_.meta();
  const bool moved = meta_.next_command != before.next_command ||
                     meta_.next_run != before.next_run || meta_.partitions != before.partitions;
  write_watches(moved || !transaction_.state.empty() || !transaction_.fires.empty() ||
                !transaction_.runs.empty() || !transaction_.forwards.empty());
  const bool written = moved || !transaction_.state.empty() || !transaction_.fires.empty() ||
                       !transaction_.runs.empty() || !transaction_.forwards.empty();
  if (written) transaction_.state.push_back(meta_record(meta_));
  transaction_.next_command = meta_.next_command;
  return std::move(transaction_);
}

}  // namespace horolog::scheduler
