#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::scheduler {

struct OwnTopics {
  std::int32_t partitions = 8;  ///< N, where the topics do not exist yet
  std::int16_t replication = -1;  ///< -1: the cluster's default
};

/// What the cluster says of the topics.
struct PreparedTopics {
  std::int32_t partitions = 0;  ///< N
  std::string cluster;          ///< its id; empty when it has none
  Uuid commands_id{}, state_id{};  ///< of those topics; zero when it has none
  /// delete.retention.ms of the state topic; 0 when the cluster does not say.
  TimestampMs delete_retention_ms = 0;
};

/// Creates the scheduler's topics where they are missing, and reports in the log what is wrong with
/// those that exist: they are not changed. An error: the topics cannot be used, or the cluster did
/// not answer. Blocks.
Result<PreparedTopics> prepare_topics(client::Cluster& cluster, const OwnTopics& wanted,
                                      const Clock& clock);

}  // namespace horolog::scheduler
