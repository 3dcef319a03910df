#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "scheduler/condition_progress.hpp"

namespace horolog::scheduler {

struct TopicShape {
  std::int32_t partitions = 0;
  Uuid id{};  ///< zero on a cluster too old to have them
};

/// The topics that conditions look at, as the owner of a partition sees them. One thread at a time.
/// A scripted one is in the tests.
class WatchedTopics {
 public:
  using Positions = std::map<TopicPartition, Offset>;

  virtual ~WatchedTopics() = default;

  /// See PlanContext::watch_starts. Blocks.
  virtual Result<std::vector<Offset>> starts(const std::string& topic, TimestampMs since) = 0;
  /// The topic as it is now. Errc::not_found without it. Blocks.
  virtual Result<TopicShape> look_up(const std::string& topic) = 0;
  /// The last stable offset of each. Blocks.
  virtual Result<Positions> stable_ends(const std::vector<TopicPartition>& places) = 0;
  /// Sum over the topic's partitions of what is committed there and not read by the group; where
  /// the group has committed nothing, all there is. Blocks.
  virtual Result<std::int64_t> lag(const std::string& group, const std::string& topic) = 0;

  /// These partitions are read from now on and no others; one that is read already goes on where
  /// it is.
  virtual void follow(const Positions& places) = 0;
  struct Taken {
    std::vector<WatchedRecord> records;  ///< committed ones, in order within a partition
    Positions next;                      ///< how far each partition has been read
    /// Where each partition begins now, when it was to be read from before that: what stood there
    /// has been deleted.
    Positions begin_at;
    /// The reading has begun anew since the last call: what was there then is not in order.
    bool anew = false;
  };
  /// What has been read since the last call, after waiting up to `wait_ms` for `until` to be
  /// reached.
  virtual Taken take(const Positions& until, int wait_ms) = 0;
};

}  // namespace horolog::scheduler
