#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"

namespace horolog::record {

/// What a produce request and its topic demand of a batch.
struct ProduceRules {
  /// max.message.bytes: the whole batch as sent.
  std::size_t max_message_bytes = limits::default_max_message_bytes;
  /// False below Produce v7.
  bool zstd_allowed = true;
  /// Skip the timestamp window, as message.timestamp.type=LogAppendTime does.
  bool log_append_time = false;
  /// message.timestamp.before.max.ms and .after.max.ms, around `now`. They are checked against the
  /// header's base and max timestamp; the records are not opened for it.
  std::int64_t timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t timestamp_after_max_ms = std::numeric_limits<std::int64_t>::max();
  TimestampMs now = 0;
};

/// Why a batch is refused; each has one error code of the protocol.
enum class ProduceFault : std::uint8_t {
  none,
  corrupt,            ///< CORRUPT_MESSAGE (2)
  too_large,          ///< MESSAGE_TOO_LARGE (10)
  invalid_timestamp,  ///< INVALID_TIMESTAMP (32)
  unsupported_codec,  ///< UNSUPPORTED_COMPRESSION_TYPE (76)
  invalid_record,     ///< INVALID_RECORD (87)
};

struct ProduceCheck {
  ProduceFault fault = ProduceFault::none;
  /// Says what was wrong, fit for the response's error_message; empty when nothing was.
  std::string message;
  /// The one batch, when fault is none. Borrows the bytes that were checked.
  BatchView batch;

  bool ok() const { return fault == ProduceFault::none; }
};

/// The rules of Produce v3 and later (KIP-98) in Apache Kafka's order: exactly one batch, magic 2,
/// base offset 0, size, CRC, count = last offset delta + 1 > 0, a sequence with a producer id, no
/// control batch, known codec. Records are not opened: see check_records() in record.hpp for the
/// topics whose rules need them.
ProduceCheck validate_produced(ByteView records, const ProduceRules& rules);

}  // namespace horolog::record
