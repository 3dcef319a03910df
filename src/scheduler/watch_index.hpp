#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "horolog/types.hpp"
#include "scheduler/definition.hpp"

namespace horolog::scheduler {

/// Who waits for what: the schedules of a partition by what their conditions look at.
class WatchIndex {
 public:
  using Keys = std::set<std::string>;
  /// Group and topic.
  using Lag = std::pair<std::string, std::string>;

  void add(const std::string& key, const Definition& definition);
  void remove(const std::string& key, const Definition& definition);

  bool empty() const { return topics_.empty() && schedules_.empty() && lags_.empty(); }
  const std::map<std::string, Keys>& topics() const { return topics_; }
  /// By the schedule whose runs they wait for.
  const std::map<std::string, Keys>& schedules() const { return schedules_; }
  const std::map<Lag, Keys>& lags() const { return lags_; }
  /// Whether anybody waits for what stands there; `partitions`: of the runs.
  bool wants(const TopicPartition& place, std::int32_t partitions) const;

 private:
  std::map<std::string, Keys> topics_;
  std::map<std::string, Keys> schedules_;
  std::map<Lag, Keys> lags_;
};

}  // namespace horolog::scheduler
