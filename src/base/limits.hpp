#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound in one place. A limit that a peer can reach is reported by name when it is reached.
namespace horolog::limits {

inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::size_t GiB = 1024 * MiB;

// Network
inline constexpr std::size_t request_bytes = 100 * MiB;
inline constexpr std::size_t request_bytes_before_auth = 64 * KiB;
inline constexpr std::size_t queued_request_bytes = 256 * MiB;
inline constexpr std::size_t connections_total = 16'000;
inline constexpr std::size_t requests_in_flight_per_connection = 64;
inline constexpr int handshake_seconds = 10;
inline constexpr int frame_seconds = 30;
inline constexpr int idle_seconds = 600;
inline constexpr int write_seconds = 30;

// Protocol
inline constexpr std::size_t array_elements = 1'000'000;
inline constexpr std::size_t tagged_fields = 10'000;
inline constexpr std::size_t first_reserve = 1'000;

// Records
inline constexpr std::size_t batch_overhead_bytes = 61;
inline constexpr std::size_t default_max_message_bytes = 1'048'588;
inline constexpr std::size_t decompressed_batch_bytes = 256 * MiB;
inline constexpr std::size_t decompression_ratio = 1'100;
// The ratio counts above this: a megabyte of zeros is 20,000 times its zstd form, and honest.
inline constexpr std::size_t decompressed_bytes_any_ratio = 16 * MiB;

// Fetch
inline constexpr std::size_t fetch_response_bytes = 55 * MiB;
inline constexpr std::size_t fetch_chunks_in_flight_bytes = 64 * MiB;

// Storage
inline constexpr std::size_t chunk_bytes_min = 64 * KiB;
inline constexpr std::size_t chunk_bytes_max = 64 * MiB;
inline constexpr std::size_t commit_bytes = 8 * MiB;
inline constexpr int commit_interval_ms = 10;
/// Recovery points are written after that many bytes became durable, or after a second.
inline constexpr std::size_t checkpoint_bytes = 64 * MiB;

// Names and counts
inline constexpr std::size_t topic_name_chars = 249;
inline constexpr std::size_t topics_total = 100'000;
inline constexpr std::size_t partitions_total = 200'000;
inline constexpr std::size_t partitions_per_topic = 100'000;
inline constexpr std::size_t groups_total = 100'000;
inline constexpr std::size_t members_per_group = 10'000;
inline constexpr std::size_t producer_ids_per_partition = 100'000;
inline constexpr std::size_t transactional_ids_per_partition = 100'000;
inline constexpr std::size_t offset_metadata_bytes = 4'096;

static_assert(request_bytes_before_auth <= request_bytes);
static_assert(request_bytes <= queued_request_bytes);
static_assert(chunk_bytes_min <= chunk_bytes_max);
static_assert(default_max_message_bytes < request_bytes);
static_assert(decompressed_bytes_any_ratio <= decompressed_batch_bytes);
static_assert(fetch_response_bytes <= fetch_chunks_in_flight_bytes);

}  // namespace horolog::limits
