#pragma once

#include <cstdint>

#include "base/metrics.hpp"

namespace horolog::broker {

/// What /metrics says of transactions. Updated with relaxed atomics from every shard.
struct TransactionMetrics {
  Counter commits;             ///< decided
  Counter aborts;              ///< decided; by the producer, by its successor or by the timeout
  Counter markers;             ///< written
  Counter marker_retries;      ///< that could not be written at the first attempt
  Counter fenced_requests;     ///< of producers that another one has replaced
  Counter unverified_batches;  ///< outside of a transaction that knows their partition
  Counter orphans;  ///< transactions ended at start because their coordinator had no trace
};

/// Transactional ids by the state they are in.
struct TransactionCounts {
  std::uint64_t ids = 0;
  std::uint64_t open = 0;
  std::uint64_t ending = 0;  ///< decided, markers on their way
};

}  // namespace horolog::broker
