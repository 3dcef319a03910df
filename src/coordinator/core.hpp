#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "coordinator/effects.hpp"
#include "coordinator/group_records.hpp"
#include "coordinator/group_state.hpp"
#include "coordinator/persisted_state.hpp"
#include "coordinator/settings.hpp"
#include "coordinator/timers.hpp"
#include "horolog/types.hpp"

namespace horolog::coordinator {

/// What the parts of one coordinator share, and the effects of the input being worked on. Plain
/// data with a few helpers; the Coordinator owns it.
struct Core {
  using Groups = std::unordered_map<std::string, Group, TextHash, std::equal_to<>>;

  Settings settings;
  /// Fresh ids for members: the one source of randomness, given from outside.
  std::function<Uuid()> new_id;
  PersistedState persisted;
  Groups groups;
  Timers timers;
  /// The last write that removed something: an answer about what is not there depends on it.
  WriteNumber last_removal = 0;
  WriteNumber writes = 0;
  Now now;
  Effects effects;

  Group* find(std::string_view group_id) {
    const auto found = groups.find(group_id);
    return found == groups.end() ? nullptr : &found->second;
  }
  Group& find_or_create(const std::string& group_id) {
    return groups.try_emplace(group_id, group_id).first->second;
  }

  /// Replays the record and adds it to the effects. `group` is whose state it carries, if any.
  void emit(const AnyRecord& record, Group* group) {
    if (effects.records.empty()) effects.write = ++writes;
    effects.records.push_back(encode_record(record));
    persisted.replay(record);
    if (group != nullptr) group->last_write = writes;
  }
  void emit_removal(const AnyRecord& record, Group* group) {
    emit(record, group);
    last_removal = writes;
  }

  /// Answers from the state of a group (nullptr: from the fact that it is not there).
  template <typename T>
  void reply(Token token, T response, const Group* group) {
    const WriteNumber after = group == nullptr ? last_removal : group->last_write;
    effects.replies.push_back(Reply{token, Response(std::move(response)), after});
  }

  void set_timer(const TimerKey& key, std::int64_t delay_ms) {
    timers.set(key, now.steady_ms + std::max<std::int64_t>(delay_ms, 0));
  }
};

}  // namespace horolog::coordinator
