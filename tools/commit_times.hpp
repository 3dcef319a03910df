#pragma once

#include <map>
#include <set>
#include <string>

#include "horolog/types.hpp"
#include "tools/context.hpp"

namespace horolog::command {

/// When a group last committed the offsets of these partitions, by the coordinator's clock. No
/// request tells it: it is read from `__consumer_offsets`, backwards from its end, until all are
/// found. What is not found within a bounded number of records is missing.
Result<std::map<TopicPartition, TimestampMs>> commit_times(const Context& context,
                                                           const std::string& group,
                                                           std::set<TopicPartition> wanted);

}  // namespace horolog::command
