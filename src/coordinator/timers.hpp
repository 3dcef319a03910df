#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace horolog::coordinator {

/// Deadlines on the steady clock, in order. A key has one at most. Knows no clock: it is asked what
/// is due.
template <typename Key>
class Deadlines {
 public:
  /// Sets or moves the key's deadline.
  void set(const Key& key, std::int64_t deadline_ms) {
    const auto [entry, added] = deadlines_.try_emplace(key, deadline_ms);
    if (!added) {
      order_.erase({entry->second, &entry->first});
      entry->second = deadline_ms;
    }
    // A map never moves its keys: their addresses serve as names in the order.
    order_.emplace(deadline_ms, &entry->first);
  }

  void cancel(const Key& key) {
    const auto entry = deadlines_.find(key);
    if (entry == deadlines_.end()) return;
    order_.erase({entry->second, &entry->first});
    deadlines_.erase(entry);
  }

  bool is_set(const Key& key) const { return deadlines_.contains(key); }

  std::optional<std::int64_t> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  /// Takes out the earliest key that is due.
  std::optional<Key> pop_due(std::int64_t now_ms) {
    if (order_.empty() || order_.begin()->first > now_ms) return std::nullopt;
    const Key key = *order_.begin()->second;
    order_.erase(order_.begin());
    deadlines_.erase(key);
    return key;
  }

 private:
  std::map<Key, std::int64_t> deadlines_;
  std::set<std::pair<std::int64_t, const Key*>> order_;
};

/// What a deadline of a group is for.
struct TimerKey {
  enum class Kind : std::uint8_t {
    session,     ///< a member must have been heard of
    join_phase,  ///< the members must have joined
    sync_phase,  ///< the members must have asked for their assignments
    expiration,  ///< time to look for offsets to expire
  };
  Kind kind = Kind::session;
  std::string group;
  std::string member;

  auto operator<=>(const TimerKey&) const = default;
};
using Timers = Deadlines<TimerKey>;

}  // namespace horolog::coordinator
