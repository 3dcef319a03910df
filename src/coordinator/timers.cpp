#include "coordinator/timers.hpp"

namespace horolog::coordinator {

void Timers::set(const TimerKey& key, std::int64_t deadline_ms) {
  const auto [entry, added] = deadlines_.try_emplace(key, deadline_ms);
  if (!added) {
    order_.erase({entry->second, &entry->first});
    entry->second = deadline_ms;
  }
  // A map never moves its keys: their addresses serve as names in the order.
  order_.emplace(deadline_ms, &entry->first);
}

void Timers::cancel(const TimerKey& key) {
  const auto entry = deadlines_.find(key);
  if (entry == deadlines_.end()) return;
  order_.erase({entry->second, &entry->first});
  deadlines_.erase(entry);
}

std::optional<std::int64_t> Timers::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

std::optional<TimerKey> Timers::pop_due(std::int64_t now_ms) {
  if (order_.empty() || order_.begin()->first > now_ms) return std::nullopt;
  const TimerKey key = *order_.begin()->second;
  order_.erase(order_.begin());
  deadlines_.erase(key);
  return key;
}

}  // namespace horolog::coordinator
