#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "record/codec.hpp"

/// Frames encoded before the clock starts: a load generator that encodes while it measures,
/// measures itself. Produce v8 and Fetch v11 are served by every broker in question, name topics by
/// name and have no varints in front of the data, so fields lie at fixed places.
namespace horolog::bench {

inline constexpr std::int16_t produce_version = 8;
inline constexpr std::int16_t fetch_version = 11;
/// Of a request, counted from the size prefix.
inline constexpr std::size_t correlation_at = 8;

/// A batch of `batch_bytes / record_bytes` (at least one) records with random values of
/// `record_bytes` each and no keys, or a key of its own for each.
ByteBuffer make_batch(std::size_t record_bytes, std::size_t batch_bytes,
                      record::Codec codec = record::Codec::none, bool keys = false);

/// A produce request for one batch and where in it the batch starts.
struct ProduceFrame {
  ByteBuffer bytes;
  std::size_t batch_at = 0;
};
ProduceFrame produce_frame(const std::string& topic, std::int32_t partition, std::int16_t acks,
                           ByteView batch);
/// Where a produce response for one partition of `topic` has its error code, counted from the
/// correlation id.
std::size_t produce_error_at(const std::string& topic);
/// The answer of the limit programs: a produce response without an error, size prefix included.
ByteBuffer produce_reply(const std::string& topic);

ByteBuffer fetch_frame(const std::string& topic, std::int32_t partition, std::int64_t offset,
                       std::int32_t max_bytes, std::int32_t max_wait_ms, std::int32_t min_bytes,
                       bool read_committed = false);
/// Where fetch_frame() has its fetch offset.
std::size_t fetch_offset_at(const std::string& topic);
/// The fixed part of a fetch response for one partition, from the correlation id to the records.
struct FetchLayout {
  explicit FetchLayout(const std::string& topic);
  std::size_t top_error;
  std::size_t partition_error;
  std::size_t high_watermark;
  /// Number of aborted transactions; each puts aborted_bytes before the two fields behind it.
  std::size_t aborted_count;
  static constexpr std::size_t aborted_bytes = 16;
  std::size_t records_size;
  std::size_t records;
};

}  // namespace horolog::bench
