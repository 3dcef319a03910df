#pragma once

#include <cstdint>

#include "client/cluster.hpp"
#include "horolog/error.hpp"

namespace horolog::scheduler {

struct OwnTopics {
  std::int32_t partitions = 8;  ///< N, where the topics do not exist yet
  std::int16_t replication = -1;  ///< -1: the cluster's default
};

/// Creates the scheduler's topics where they are missing, and reports in the log what is wrong with
/// those that exist: they are not changed. Gives N. An error: the topics cannot be used, or the
/// cluster did not answer. Blocks.
Result<std::int32_t> prepare_topics(client::Cluster& cluster, const OwnTopics& wanted);

}  // namespace horolog::scheduler
