#include "timekeeping/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"
#include "timekeeping/wall.hpp"

namespace horolog::timekeeping {

TimerWheel::TimerWheel(TimestampMs start, std::size_t slots, TimestampMs tick)
    : tick_(tick), position_(floor_div(start, tick)), slots_(std::bit_ceil(slots)) {
  HOROLOG_ASSERT(tick > 0 && slots > 0);
}

void TimerWheel::add(const Timer& timer) {
  const std::int64_t tick = floor_div(timer.due, tick_);
  if (tick <= position_) {
    make_ready(timer);
  } else {
    slot_of(tick).push_back(timer);
  }
  ++size_;
}

void TimerWheel::make_ready(const Timer& timer) {
  ready_.push_back(timer);
  std::push_heap(ready_.begin(), ready_.end(), Later{});
}

void TimerWheel::collect(std::int64_t tick) {
  std::vector<Timer>& slot = slot_of(tick);
  std::size_t kept = 0;
  for (const Timer& timer : slot) {
    if (floor_div(timer.due, tick_) <= tick) {
      make_ready(timer);
    } else {
      slot[kept++] = timer;
    }
  }
  slot.resize(kept);
  // A slot that once held a burst must not keep the memory for it.
  if (kept == 0) std::vector<Timer>().swap(slot);
}

void TimerWheel::turn_to(std::int64_t tick) {
  if (tick <= position_) return;
  const auto turn = static_cast<std::int64_t>(slots_.size());
  // After a long sleep every slot is looked at once, not once per turn: what it holds is due by
  // the tick at which it is looked at, or belongs to a later turn.
  for (std::int64_t t = std::max(position_ + 1, tick - turn + 1); t <= tick; ++t) {
    collect(t);
  }
  position_ = tick;
}

std::size_t TimerWheel::take(TimestampMs now, std::size_t most, std::vector<Timer>& out) {
  turn_to(floor_div(now, tick_));
  std::size_t taken = 0;
  while (taken < most && !ready_.empty() && ready_.front().due <= now) {
    out.push_back(ready_.front());
    std::pop_heap(ready_.begin(), ready_.end(), Later{});
    ready_.pop_back();
    ++taken;
  }
  size_ -= taken;
  return taken;
}

std::optional<TimestampMs> TimerWheel::next_due() const {
  if (!ready_.empty()) return ready_.front().due;
  if (size_ == 0) return std::nullopt;
  const auto turn = static_cast<std::int64_t>(slots_.size());
  for (std::int64_t t = position_ + 1; t < position_ + turn; ++t) {
    const auto& slot = slots_[static_cast<std::size_t>(t) & (slots_.size() - 1)];
    const bool now = std::any_of(slot.begin(), slot.end(), [&](const Timer& timer) {
      return floor_div(timer.due, tick_) == t;
    });
    if (now) return t * tick_;
  }
  return (position_ + turn) * tick_;
}

void TimerWheel::clear() {
  for (auto& slot : slots_) std::vector<Timer>().swap(slot);
  ready_ = {};
  size_ = 0;
}

}  // namespace horolog::timekeeping
