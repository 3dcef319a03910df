#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"
#include "protocol/error_code.hpp"
#include "record/batch.hpp"
#include "record/produce_check.hpp"
#include "storage/log_config.hpp"

namespace horolog::broker {

/// What became of one partition's records in a produce request.
struct AcceptedBatch {
  wire::ErrorCode error = wire::ErrorCode::none;
  std::string message;                       ///< for the client, when refused
  std::vector<record::RecordFault> records;  ///< at fault, where it is records
  record::BatchView batch;
  /// Owns the batch when it had to be written anew (compression.type); `batch` points into it.
  ByteBuffer rewritten;
};

/// Applies a topic's rules to what a producer sent, before it is appended: frame, CRC, size,
/// timestamps (KIP-937), keys on compacted topics, compression.type. The bytes stay the producer's
/// own unless the topic demands another codec. Pure: the time is passed in.
AcceptedBatch accept_batch(ByteView records, std::int16_t produce_version,
                           const storage::LogConfig& config, TimestampMs now);

}  // namespace horolog::broker
