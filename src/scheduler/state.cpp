#include "scheduler/state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/names.hpp"

namespace horolog::scheduler {

Status State::replay(const OutRecord& record) {
  if (!record.key) return Error(Errc::corrupt, fmt::format("a record without a key in {}",
                                                           topic::state));
  const StateKey key = StateKey::parse(*record.key);
  if (key.kind == StateKey::Kind::unknown)
    return Error(Errc::corrupt, fmt::format("a key of unknown kind in {}: written by a newer "
                                            "program?", topic::state));
  if (key.kind == StateKey::Kind::meta) {
    if (!record.value) return Error(Errc::corrupt, "the meta record was deleted");
    HOROLOG_ASSIGN(meta_, Meta::parse(*record.value));
    return {};
  }
  const std::string name(key.schedule);
  Entry& entry = wake_up(name);
  if (key.kind == StateKey::Kind::definition) {
    DefinitionPtr definition;
    if (record.value) {
      HOROLOG_ASSIGN(definition, read_definition(name, record, calendars_));
    }
    definitions_ += (definition != nullptr) - (entry.definition != nullptr);
    entry.definition = std::move(definition);
  } else {
    Cursor cursor;
    if (record.value) {
      HOROLOG_ASSIGN(cursor, Cursor::parse(*record.value));
    }
    index_runs(name, entry.cursor, false);
    entry.cursor = std::move(cursor);
    index_runs(name, entry.cursor, true);
  }
  settle(name, entry);
  return health_;
}

Entry& State::wake_up(const std::string& key) {
  const auto [at, added] = entries_.try_emplace(key);
  if (!added || !mirror_) return at->second;
  read_.erase(key);
  auto resting = mirror_->take(key);
  if (!resting) {
    health_ = resting.error();
  } else if (*resting) {
    at->second = std::move(**resting);
  }
  return at->second;
}

bool State::may_rest(const Entry& entry, std::optional<TimestampMs> wake) const {
  const Cursor& cursor = entry.cursor;
  const bool later = !wake || *wake > now_ + soon_ms || entries_.size() > most_awake;
  const bool waits = !cursor.open.empty() || !cursor.waiting.empty() || !cursor.backfills.empty();
  return mirror_ && later && !waits && (entry.definition || !cursor.blank());
}

Status State::advance(TimestampMs now, std::size_t most) {
  now_ = std::max(now_, now);
  if (read_.size() > most_read) read_.clear();
  if (!mirror_) return {};
  HOROLOG_TRY(health_);
  HOROLOG_ASSIGN(auto due, mirror_->take_due(now, now + ahead_ms, most));
  for (auto& [key, entry] : due) {
    read_.erase(key);
    due_.set(key, entry.target(), entry.wake());
    entries_.emplace(std::move(key), std::move(entry));
  }
  return {};
}

std::optional<TimestampMs> State::next_advance() const {
  const auto wake = mirror_ ? mirror_->next_wake() : std::nullopt;
  return wake ? std::optional(*wake - ahead_ms) : std::nullopt;
}

Result<std::vector<std::string>> State::calendars_changed(const std::set<std::string>& names) {
  std::vector<std::string> keys;
  HOROLOG_TRY(for_each([&](const std::string& key, const Entry& entry) {
    if (entry.definition && names.contains(entry.definition->calendar)) keys.push_back(key);
  }));
  read_.clear();
  for (const std::string& key : keys) {
    Entry& entry = wake_up(key);
    HOROLOG_TRY(health_);
    const DefinitionPtr old = entry.definition;
    auto fresh = parse_definition(key, old->record, old->generation, old->origin, calendars_);
    if (fresh) entry.definition = std::move(*fresh);
    settle(key, entry);
    if (!fresh) return fresh.error();
  }
  return keys;
}

void State::settle(const std::string& key, Entry& entry) {
  const auto wake = entry.wake();
  if (may_rest(entry, wake)) {
    const Status put = mirror_->put(key, entry, wake);
    if (!put) health_ = put;
    due_.set(key, entry.target(), std::nullopt);
    backfilling_.erase(key);
    entries_.erase(key);
    return;
  }
  due_.set(key, entry.target(), wake);
  if (entry.definition && !entry.cursor.backfills.empty()) {
    backfilling_.insert(key);
  } else {
    backfilling_.erase(key);
  }
  if (!entry.definition && entry.cursor.blank()) entries_.erase(key);
}

void State::index_runs(const std::string& key, const Cursor& cursor, bool add) {
  for (const OpenRun& run : cursor.open) {
    if (add) {
      runs_[run.fire_id] = key;
    } else {
      runs_.erase(run.fire_id);
    }
  }
}

const Entry* State::find(const std::string& key) const {
  if (const auto at = entries_.find(key); at != entries_.end()) return &at->second;
  if (!mirror_) return nullptr;
  if (const auto at = read_.find(key); at != read_.end()) return &at->second;
  auto resting = mirror_->find(key);
  if (!resting) {
    health_ = resting.error();
    return nullptr;
  }
  if (!*resting) return nullptr;
  return &read_.emplace(key, std::move(**resting)).first->second;
}

Status State::for_each(
    const std::function<void(const std::string& key, const Entry&)>& visit) const {
  for (const auto& [key, entry] : entries_) visit(key, entry);
  return mirror_ ? mirror_->for_each(visit) : Status();
}

const std::string* State::owner_of_run(const std::string& fire_id) const {
  const auto at = runs_.find(fire_id);
  return at == runs_.end() ? nullptr : &at->second;
}

}  // namespace horolog::scheduler
