#include "scheduler/watch_index.hpp"

#include <algorithm>

#include "scheduler/identity.hpp"
#include "scheduler/names.hpp"

namespace horolog::scheduler {
namespace {

template <typename Map, typename Name>
void erase(Map& map, const Name& name, const std::string& key) {
  const auto at = map.find(name);
  if (at == map.end()) return;
  at->second.erase(key);
  if (at->second.empty()) map.erase(at);
}

}  // namespace

void WatchIndex::add(const std::string& key, const Definition& definition) {
  for (const Condition& each : definition.conditions) {
    if (each.kind == ConditionKind::after) {
      schedules_[each.schedule].insert(key);
    } else if (each.kind == ConditionKind::lag) {
      lags_[{each.group, each.topic}].insert(key);
    } else {
      topics_[each.topic].insert(key);
    }
  }
}

void WatchIndex::remove(const std::string& key, const Definition& definition) {
  for (const Condition& each : definition.conditions) {
    erase(schedules_, each.schedule, key);
    erase(lags_, Lag{each.group, each.topic}, key);
    erase(topics_, each.topic, key);
  }
}

bool WatchIndex::wants(const TopicPartition& place, std::int32_t partitions) const {
  if (topics_.contains(place.topic)) return true;
  return place.topic == topic::runs &&
         std::any_of(schedules_.begin(), schedules_.end(), [&](const auto& each) {
           return canonical_partition(each.first, partitions) == place.partition;
         });
}

}  // namespace horolog::scheduler
