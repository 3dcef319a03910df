#pragma once

#include <cstdint>

#include "base/limits.hpp"

namespace horolog::coordinator {

/// What rules the groups of one coordinator partition. Kafka's setting names stand beside each.
struct Settings {
  std::int32_t min_session_timeout_ms = 6'000;           ///< group.min.session.timeout.ms
  std::int32_t max_session_timeout_ms = 1'800'000;       ///< group.max.session.timeout.ms
  std::int32_t initial_rebalance_delay_ms = 0;           ///< group.initial.rebalance.delay.ms
  std::int32_t max_group_size = 10'000;                  ///< group.max.size
  std::int64_t offsets_retention_ms = 604'800'000;       ///< offsets.retention.minutes
  std::int64_t retention_check_interval_ms = 600'000;    ///< offsets.retention.check.interval.ms
  std::int32_t offset_metadata_max_bytes =
      static_cast<std::int32_t>(limits::offset_metadata_bytes);  ///< offset.metadata.max.bytes
};

/// A member that has never heard its id cannot send heartbeats, so its join is given up after this
/// long (Kafka's constant; the client retries).
inline constexpr std::int64_t new_member_join_timeout_ms = 5 * 60 * 1000;

}  // namespace horolog::coordinator
