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

Transaction Draft::finish() && {
  for (const auto& [key, entry] : changed_) write_entry(key, entry);
  const Meta& before = state_.meta();
  const bool moved = meta_.next_command != before.next_command ||
                     meta_.next_run != before.next_run || meta_.partitions != before.partitions;
  const bool written = moved || !transaction_.state.empty() || !transaction_.fires.empty() ||
                       !transaction_.runs.empty() || !transaction_.forwards.empty();
  if (written) transaction_.state.push_back(meta_record(meta_));
  transaction_.next_command = meta_.next_command;
  return std::move(transaction_);
}

}  // namespace horolog::scheduler
