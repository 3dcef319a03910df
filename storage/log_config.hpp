#pragma once

#include <cstdint>
#include <limits>

#include "base/limits.hpp"
#include "horolog/types.hpp"

namespace horolog::storage {

/// horolog.durability: what an acknowledgement means.
enum class Durability : std::uint8_t {
  commit,  ///< acks=all after a group-committed sync; consumers see only what is durable
  os,      ///< Kafka's own behaviour: the page cache is enough
};

enum class TimestampType : std::uint8_t { create_time, log_append_time };

/// The topic configuration as the log needs it: parsed, in plain units. Kafka's names and defaults
/// (4.3.1). Immutable once handed to a log; a change swaps the whole object.
struct LogConfig {
  bool cleanup_delete = true;
  bool cleanup_compact = false;
  std::int64_t segment_bytes = std::int64_t{1} << 30;
  std::int64_t segment_ms = 604'800'000;
  std::int64_t segment_jitter_ms = 0;
  std::int64_t segment_index_bytes = 10 << 20;
  std::int64_t index_interval_bytes = 4096;
  std::int64_t retention_ms = 604'800'000;  ///< -1 = unlimited
  std::int64_t retention_bytes = -1;        ///< -1 = unlimited
  std::int64_t max_message_bytes = limits::default_max_message_bytes;
  std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();
  std::int64_t flush_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t file_delete_delay_ms = 60'000;
  std::int64_t delete_retention_ms = 86'400'000;
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = std::numeric_limits<std::int64_t>::max();
  double min_cleanable_dirty_ratio = 0.5;
  std::int64_t timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t timestamp_after_max_ms = 3'600'000;
  TimestampType timestamp_type = TimestampType::create_time;
  /// Index of the codec (record::Codec's number), or -1 for "producer".
  int compression_codec = -1;
  int compression_level = 0;  ///< 0 = the codec's default
  bool preallocate = false;
  Durability durability = Durability::commit;
};

}  // namespace horolog::storage
