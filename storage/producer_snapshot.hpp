#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/producer_state.hpp"

/// A partition's producers as of one offset, in two files.
///
/// `%020d.snapshot` is Kafka's (ProducerSnapshot v1), big-endian, last batch of each producer only:
///
///     | version int16 = 1 | crc uint32 | count int32 | per producer:
///     | producer id int64 | epoch int16 | last sequence int32 | last offset int64 |
///     | offset delta int32 | timestamp int64 | coordinator epoch int32 | txn first offset int64 |
///
/// `%020d.producers` is ours: all five batches, the time of the last append, and what the
/// transaction index of the segment that ends at or holds the offset has of the batches below it:
///
///     | "HPRD" | version int16 = 2 | crc uint32 |
///     | index: segment int64 | bytes uint32 | crc uint32 | count int32 | per producer:
///     | producer id int64 | epoch int16 | last append int64 | last timestamp int64 |
///     | coordinator epoch int32 | txn first offset int64 | batches int8 | per batch:
///     | last sequence int32 | offset delta int32 | last offset int64 | timestamp int64 |
///
/// Version 1 had no index, last timestamp, coordinator epoch and txn first offset. All CRCs are
/// CRC-32C; the first ones of what follows them.
namespace horolog::storage {

/// The beginning of a `.txnindex`, which has no checksum of its own.
struct TransactionIndexMark {
  Offset segment_base = no_offset;
  std::uint32_t bytes = 0;
  std::uint32_t crc = 0;
  bool operator==(const TransactionIndexMark&) const = default;
};

struct ProducersFile {
  ProducerState state;
  std::optional<TransactionIndexMark> index;  ///< not in version 1
};

ByteBuffer encode_snapshot(const ProducerState& state);
Result<ProducerState> decode_snapshot(ByteView bytes, TimestampMs now);
ByteBuffer encode_producers(const ProducerState& state, const TransactionIndexMark& index);
Result<ProducersFile> decode_producers(ByteView bytes);

/// Writes both files for `offset`, each whole or not at all (or, without producers, perhaps
/// damaged by a crash, which a load notices), and removes all but the newest two of each. The
/// transaction index must have been synced up to `offset` before. The caller syncs the directory.
Status write_producer_files(FileSystem& fs, const std::string& directory, Offset offset,
                            const ProducerState& state, const TransactionIndexMark& index);

struct LoadedProducers {
  ProducerState state;
  /// Batches from here on have to be replayed; 0 when no snapshot was of use.
  Offset offset = 0;
  /// nullopt when it came from Kafka's file.
  std::optional<TransactionIndexMark> index;
};
/// The newest state at or below `at_most`: the sidecar, else Kafka's file; damaged ones are passed
/// over.
Result<LoadedProducers> load_producer_files(FileSystem& fs, const std::string& directory,
                                            Offset at_most, TimestampMs now);

}  // namespace horolog::storage
