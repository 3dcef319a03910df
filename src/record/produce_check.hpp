#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "record/codec.hpp"

namespace horolog::record {

/// What a produce request and its topic demand of a batch.
struct ProduceRules {
  /// max.message.bytes: the whole batch as sent.
  std::size_t max_message_bytes = limits::default_max_message_bytes;
  /// False below Produce v7.
  bool zstd_allowed = true;
  /// cleanup.policy=compact: every record needs a key.
  bool key_required = false;
  /// Skip the timestamp window, as message.timestamp.type=LogAppendTime does.
  bool log_append_time = false;
  /// message.timestamp.before.max.ms and .after.max.ms, around `now`.
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

/// A record that breaks a rule.
struct RecordFault {
  std::int32_t index = 0;  ///< within the batch
  std::string message;
};

struct ProduceCheck {
  ProduceFault fault = ProduceFault::none;
  /// Says what was wrong, fit for the response's error_message; empty when nothing was.
  std::string message;
  /// The one batch, when fault is none. Borrows the bytes that were checked.
  BatchView batch;
  /// The records at fault, where it is records: the first max_told_records of them.
  std::vector<RecordFault> records;

  bool ok() const { return fault == ProduceFault::none; }
};

inline constexpr std::size_t max_told_records = 1000;

/// The rules of Produce v3 and later (KIP-98) in Apache Kafka's order: exactly one batch, magic 2,
/// base offset 0, size, CRC, count = last offset delta + 1 > 0, a sequence with a producer id, no
/// control batch, known codec. Records are not opened: see needs_records().
ProduceCheck validate_produced(ByteView records, const ProduceRules& rules);

/// Whether a rule can only be decided by the records themselves: keys, the lower end of the
/// timestamp window, and which of them lie outside of it. The upper end is decided by the header's
/// max timestamp alone, so that a batch is not decompressed for it; Apache Kafka does that.
bool needs_records(const BatchView& batch, const ProduceRules& rules);

/// Every record decodes, offsets run without gaps, keys and timestamps keep the rules. `scratch`
/// receives the records of a compressed batch.
ProduceCheck validate_records(const BatchView& batch, const ProduceRules& rules,
                              ByteBuffer& scratch, DecompressLimits limits = {});

}  // namespace horolog::record
