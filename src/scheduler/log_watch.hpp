#pragma once

#include <memory>

#include "client/cluster.hpp"
#include "horolog/types.hpp"
#include "scheduler/nudge.hpp"

namespace horolog::scheduler {

/// Waits at the broker for the next record of a partition: a Fetch that stays there for seconds
/// while the reader sleeps or fires. An idle partition costs little more than that one request. One
/// thread at a time; may be destroyed while a Fetch is under way.
class LogWatch {
 public:
  /// `nudge` is given when there is something to be read.
  LogWatch(std::shared_ptr<client::Cluster> cluster, TopicPartition place,
           std::shared_ptr<Nudge> nudge);

  /// Watches for what is committed from `from` on, unless the broker is being asked already.
  void watch(Offset from);

 private:
  struct Asking;

  std::shared_ptr<client::Cluster> cluster_;
  const TopicPartition place_;
  std::shared_ptr<Asking> asking_;
};

}  // namespace horolog::scheduler
