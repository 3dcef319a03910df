#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace horolog::coordinator {

/// What a deadline is for. A key has one deadline at most.
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

/// Deadlines on the steady clock, in order. Knows no clock: it is asked what is due.
class Timers {
 public:
  /// Sets or moves the key's deadline.
  void set(const TimerKey& key, std::int64_t deadline_ms);
  void cancel(const TimerKey& key);
  bool is_set(const TimerKey& key) const { return deadlines_.contains(key); }

  std::optional<std::int64_t> next() const;
  /// Takes out the earliest key that is due.
  std::optional<TimerKey> pop_due(std::int64_t now_ms);

 private:
  std::map<TimerKey, std::int64_t> deadlines_;
  std::set<std::pair<std::int64_t, const TimerKey*>> order_;
};

}  // namespace horolog::coordinator
