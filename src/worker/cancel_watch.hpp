#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "horolog/consumer.hpp"

namespace horolog::worker {

/// Finds the wishes that running tasks stop: the scheduler's `cancel-requested` run records. Reads
/// history only while a task runs that could be meant, from its start on. The loop's thread.
class CancelWatch {
 public:
  CancelWatch(Consumer consumer, std::int32_t partitions);

  /// `since`: when the oldest such task started; nullopt: there is none. Gives the fire ids that
  /// are to stop. Does not wait for records.
  Result<std::vector<std::string>> look(std::optional<TimestampMs> since);

 private:
  Status watch_from(TimestampMs since);

  Consumer consumer_;
  std::vector<TopicPartition> partitions_;
  bool watching_ = false;
};

}  // namespace horolog::worker
