#include "scheduler/due_index.hpp"

#include <algorithm>

namespace horolog::scheduler {

void DueIndex::set(const std::string& key, const std::string& target,
                   std::optional<TimestampMs> wake) {
  if (const auto old = places_.find(key); old != places_.end()) {
    if (wake && old->second.first == *wake && old->second.second == target) return;
    const auto places = by_target_.find(old->second.second);
    places->second.erase({old->second.first, key});
    if (places->second.empty()) by_target_.erase(places);
    places_.erase(old);
  }
  if (!wake) return;
  by_target_[target].emplace(*wake, key);
  places_.emplace(key, std::pair(*wake, target));
}

std::optional<TimestampMs> DueIndex::first() const {
  std::optional<TimestampMs> first;
  for (const auto& [target, places] : by_target_)
    first = std::min(first.value_or(places.begin()->first), places.begin()->first);
  return first;
}

std::size_t DueIndex::count_until(TimestampMs until) const {
  std::size_t count = 0;
  walk(until, [](const std::string&) { return false; },
       [&](const Due&) {
         ++count;
         return true;
       });
  return count;
}

}  // namespace horolog::scheduler
