#include "scheduler/state.hpp"

#include <fmt/format.h>

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
  Entry& entry = entries_[name];
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
  return {};
}

void State::settle(const std::string& key, Entry& entry) {
  due_.set(key, entry.target(), entry.wake());
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
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

const std::string* State::owner_of_run(const std::string& fire_id) const {
  const auto at = runs_.find(fire_id);
  return at == runs_.end() ? nullptr : &at->second;
}

}  // namespace horolog::scheduler
