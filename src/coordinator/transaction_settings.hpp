#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "coordinator/transaction_state.hpp"

namespace horolog::coordinator {

/// What rules the transactions of one partition of __transaction_state. Kafka's setting names stand
/// beside each.
struct TransactionSettings {
  std::int32_t max_timeout_ms = 900'000;        ///< transaction.max.timeout.ms
  std::int64_t id_expiration_ms = 604'800'000;  ///< transactional.id.expiration.ms
  /// transaction.remove.expired.transaction.cleanup.interval.ms
  std::int64_t expiration_interval_ms = 3'600'000;
  /// The finalised feature transaction.version: which record version is written, and how the
  /// broker itself aborts (timeouts, fencing).
  TransactionVersion finalised_version = epoch_bump_transaction_version;
  /// How long a request that finds the last transaction decided, but its markers not yet written,
  /// waits for them before it is told CONCURRENT_TRANSACTIONS. Kafka answers that at once and the
  /// client asks again after a pause; markers here take a few milliseconds.
  std::int64_t completion_wait_ms = 500;
  std::size_t max_transactional_ids = limits::transactional_ids_per_partition;
};

}  // namespace horolog::coordinator
