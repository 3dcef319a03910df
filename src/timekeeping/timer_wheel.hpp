#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "horolog/types.hpp"

namespace horolog::timekeeping {

/// One thing to be done at a time: which schedule (the hash of its key) and which state of it.
/// 24 bytes.
struct Timer {
  TimestampMs due = 0;
  std::uint64_t key_hash = 0;
  /// Whoever takes the timer compares it with the schedule's present generation: a timer of an
  /// older one is void. That is how a timer is cancelled or moved; it is never searched for.
  std::int64_t generation = 0;

  auto operator<=>(const Timer&) const = default;
};

/// A hashed wheel for the near horizon: adding costs the same however many there are, and taking
/// costs what is taken. Due times further ahead than one turn are allowed, but cost a look per
/// turn; DueBuckets keeps those.
///
/// Time only enters through take(): the wheel turns to `now` and never back, so a clock that steps
/// back makes nothing fire twice. One thread at a time. Pure.
class TimerWheel {
 public:
  /// `tick` ms per slot. The defaults turn once in about 4 minutes and find what is due to 1 ms:
  /// the tick only decides how many timers are looked at together.
  explicit TimerWheel(TimestampMs start, std::size_t slots = 4'096, TimestampMs tick = 64);

  void add(const Timer& timer);
  /// Moves at most `most` timers due at or before `now` to the end of `out`, oldest first over all
  /// calls: what did not fit comes first next time. Returns how many.
  std::size_t take(TimestampMs now, std::size_t most, std::vector<Timer>& out);
  /// No timer is due before it; none = empty. May be a tick too early (a turn, if that is how far
  /// the nearest one is away): asking again after take() is right.
  std::optional<TimestampMs> next_due() const;
  std::size_t size() const { return size_; }
  /// Calls visit(timer) for every timer, in no order. The wheel must not change meanwhile.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const auto& slot : slots_) std::for_each(slot.begin(), slot.end(), visit);
    std::for_each(ready_.begin(), ready_.end(), visit);
  }
  void clear();

 private:
  std::vector<Timer>& slot_of(std::int64_t tick) {
    return slots_[static_cast<std::size_t>(tick) & (slots_.size() - 1)];
  }
  void turn_to(std::int64_t tick);
  void collect(std::int64_t tick);
  void make_ready(const Timer& timer);

  struct Later {
    bool operator()(const Timer& a, const Timer& b) const { return b < a; }
  };

  TimestampMs tick_;
  std::int64_t position_;  ///< timers of ticks up to this one are in ready_
  std::vector<std::vector<Timer>> slots_;
  std::vector<Timer> ready_;  ///< a heap, the oldest at its front
  std::size_t size_ = 0;
};

}  // namespace horolog::timekeeping
