#pragma once

#include <map>
#include <optional>
#include <vector>

#include "horolog/admin.hpp"

namespace horolog::command {

/// What a partition's log has.
struct OffsetBounds {
  Offset start = 0;
  Offset end = 0;
  /// The newest record's timestamp, where the cluster can say it.
  std::optional<TimestampMs> newest;
};
using BoundsByPartition = std::map<TopicPartition, OffsetBounds>;

/// Asks each leader once per bound. A partition that cannot be asked is left out and its error goes
/// to `errors`; the function's own error: nothing could be asked.
Result<BoundsByPartition> offset_bounds(Admin& admin, const std::vector<TopicPartition>& partitions,
                                        bool newest, std::vector<Error>& errors);

/// When the records at these offsets came about: the timestamp of the first record at or above
/// each. Found by asking for offsets by time, closer and closer, so that it works on any cluster;
/// exact where timestamps rise with offsets. Partitions whose answer is not known are left out.
Result<std::map<TopicPartition, TimestampMs>> timestamps_at(
    Admin& admin, const std::map<TopicPartition, Offset>& offsets,
    const BoundsByPartition& bounds);

}  // namespace horolog::command
