#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "horolog/types.hpp"

namespace horolog::scheduler {

/// The targets of a partition that took no record when last tried, and when each is tried again,
/// alone in its own transaction. In memory only: a new owner finds out for itself.
class Stalls {
 public:
  static constexpr TimestampMs first_ms = 1'000, longest_ms = 60'000;

  bool holds(const std::string& target) const { return stalls_.contains(target); }
  bool empty() const { return stalls_.empty(); }
  std::size_t size() const { return stalls_.size(); }

  /// True when the target was not stalled before.
  bool failed(const std::string& target, TimestampMs now) {
    const auto [at, added] = stalls_.try_emplace(target);
    Stall& stall = at->second;
    stall.backoff = added ? first_ms : std::min(2 * stall.backoff, longest_ms);
    stall.next_try = now + stall.backoff;
    return added;
  }
  void recovered(const std::string& target) { stalls_.erase(target); }

  /// A target whose time to be tried has come.
  std::optional<std::string> ready(TimestampMs now) const {
    for (const auto& [target, stall] : stalls_)
      if (stall.next_try <= now) return target;
    return std::nullopt;
  }
  std::optional<TimestampMs> next_try() const {
    std::optional<TimestampMs> first;
    for (const auto& [target, stall] : stalls_)
      first = std::min(first.value_or(stall.next_try), stall.next_try);
    return first;
  }
  /// Nothing of the target was due: it is not tried before `until`.
  void postpone(const std::string& target, TimestampMs until) {
    if (const auto at = stalls_.find(target); at != stalls_.end()) at->second.next_try = until;
  }

 private:
  struct Stall {
    TimestampMs next_try = 0;
    TimestampMs backoff = 0;
  };
  std::map<std::string, Stall> stalls_;
};

}  // namespace horolog::scheduler
