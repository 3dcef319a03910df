#include "scheduler/state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/mirror_value.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {

Status State::replay(const OutRecord& record) {
  ++replayed_;
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
  if (key.kind == StateKey::Kind::watch) return replay_watch(key.place, record.value);
  const std::string name(key.schedule);
  Entry& entry = wake_up(name);
  if (key.kind == StateKey::Kind::definition) {
    DefinitionPtr definition;
    if (record.value) {
      HOROLOG_ASSIGN(definition, read_definition(name, record, calendars_));
    }
    definitions_ += (definition != nullptr) - (entry.definition != nullptr);
    count_use(entry.definition, false);
    count_use(definition, true);
    if (entry.definition) watchers_.remove(name, *entry.definition);
    if (definition) watchers_.add(name, *definition);
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
  // What a record may wake at any time stays at hand.
  if (entry.definition && !entry.definition->conditions.empty()) return false;
  return mirror_ && later && !waits && (entry.definition || !cursor.blank());
}

Status State::advance(TimestampMs now, std::size_t most) {
  now_ = std::max(now_, now);
  if (read_.size() > most_read) read_.clear();
  if (!mirror_) return {};
  HOROLOG_TRY(health_);
  auto due = mirror_->take_due(now, now + ahead_ms, most);
  // Some may have left the mirror, and be nowhere now.
  if (!due) return health_ = due.error();
  for (auto& [key, entry] : *due) {
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
  const bool used = std::any_of(names.begin(), names.end(), [this](const std::string& name) {
    return calendar_uses_.contains(name);
  });
  if (!used) return keys;
  const Status walked = for_each([&](const std::string& key, const Entry& entry) {
    if (entry.definition && names.contains(entry.definition->calendar)) keys.push_back(key);
  });
  if (!walked && walked.error().code() == Errc::corrupt) health_ = walked;
  HOROLOG_TRY(walked);
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

void State::count_use(const DefinitionPtr& definition, bool add) {
  if (!definition || definition->calendar.empty()) return;
  if (add) {
    ++calendar_uses_[definition->calendar];
  } else if (--calendar_uses_[definition->calendar] == 0) {
    calendar_uses_.erase(definition->calendar);
  }
}

std::set<std::string> State::calendars_in_use() const {
  std::set<std::string> names;
  for (const auto& [name, count] : calendar_uses_) names.insert(name);
  return names;
}

Status State::replay_watch(const TopicPartition& place, const std::optional<std::string>& value) {
  if (value) {
    HOROLOG_ASSIGN(const Watch watch, read_watch(*value));
    watches_[place] = watch.next;
    if (!watch.topic_id.is_zero()) watched_ids_[place.topic] = watch.topic_id;
    return {};
  }
  watches_.erase(place);
  const auto other = watches_.lower_bound({place.topic, 0});
  if (other == watches_.end() || other->first.topic != place.topic) watched_ids_.erase(place.topic);
  return {};
}

Status State::write(CheckpointWriter& to) const {
  HOROLOG_TRY(health_);
  HOROLOG_TRY(to.text(meta_.to_text()));
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(definitions_)));
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(calendar_uses_.size())));
  for (const auto& [name, count] : calendar_uses_) {
    HOROLOG_TRY(to.text(name));
    HOROLOG_TRY(to.number(static_cast<std::uint64_t>(count)));
  }
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(watches_.size())));
  for (const auto& [place, next] : watches_) {
    HOROLOG_TRY(to.text(place.topic));
    HOROLOG_TRY(to.number(place.partition));
    HOROLOG_TRY(to.number(next));
  }
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(watched_ids_.size())));
  for (const auto& [topic, id] : watched_ids_) {
    HOROLOG_TRY(to.text(topic));
    HOROLOG_TRY(to.text(id.to_string()));
  }
  HOROLOG_TRY(to.number(static_cast<std::uint64_t>(entries_.size())));
  for (const auto& [key, entry] : entries_)
    HOROLOG_TRY(to.text(as_text(mirror_value({.key = key}, entry))));
  return {};
}

Result<State> State::read(CheckpointReader& from, CalendarLookup calendars, Mirror mirror,
                          TimestampMs now) {
  State state(std::move(calendars), std::move(mirror), now);
  HOROLOG_ASSIGN(const std::string meta, from.text());
  HOROLOG_ASSIGN(state.meta_, Meta::parse(meta));
  HOROLOG_ASSIGN(state.definitions_, from.number<std::uint64_t>());
  HOROLOG_ASSIGN(const auto used, from.number<std::uint64_t>());
  for (std::uint64_t i = 0; i < used; ++i) {
    HOROLOG_ASSIGN(const std::string name, from.text());
    HOROLOG_ASSIGN(state.calendar_uses_[name], from.number<std::uint64_t>());
  }
  HOROLOG_ASSIGN(const auto watched, from.number<std::uint64_t>());
  for (std::uint64_t i = 0; i < watched; ++i) {
    HOROLOG_ASSIGN(std::string topic, from.text());
    HOROLOG_ASSIGN(const auto partition, from.number<PartitionIndex>());
    HOROLOG_ASSIGN((state.watches_[{std::move(topic), partition}]), from.number<Offset>());
  }
  HOROLOG_ASSIGN(const auto ids, from.number<std::uint64_t>());
  for (std::uint64_t i = 0; i < ids; ++i) {
    HOROLOG_ASSIGN(const std::string topic, from.text());
    HOROLOG_ASSIGN(const std::string id, from.text());
    state.watched_ids_[topic] = Uuid::parse(id).value_or(Uuid{});
  }
  HOROLOG_ASSIGN(const auto awake, from.number<std::uint64_t>());
  for (std::uint64_t i = 0; i < awake; ++i) {
    HOROLOG_ASSIGN(const std::string value, from.text());
    HOROLOG_ASSIGN(const MirrorHead head, mirror_head(as_bytes(value)));
    HOROLOG_ASSIGN(Entry entry, mirror_entry(as_bytes(value), state.calendars_));
    const std::string key(head.key);
    state.index_runs(key, entry.cursor, true);
    if (entry.definition) state.watchers_.add(key, *entry.definition);
    state.settle(key, state.entries_.emplace(key, std::move(entry)).first->second);
  }
  HOROLOG_TRY(state.health_);
  return state;
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
