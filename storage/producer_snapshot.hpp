#pragma once

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
/// `%020d.producers` is ours: all five batches, and the time of the last append:
///
///     | "HPRD" | version int16 = 1 | crc uint32 | count int32 | per producer:
///     | producer id int64 | epoch int16 | last append int64 | batches int8 | per batch:
///     | last sequence int32 | offset delta int32 | last offset int64 | timestamp int64 |
///
/// Both CRCs are CRC-32C of what follows them.
namespace horolog::storage {

ByteBuffer encode_snapshot(const ProducerState& state);
Result<ProducerState> decode_snapshot(ByteView bytes, TimestampMs now);
ByteBuffer encode_producers(const ProducerState& state);
Result<ProducerState> decode_producers(ByteView bytes);

/// Writes both files for `offset`, each whole or not at all (or, without producers, perhaps
/// damaged by a crash, which a load notices), and removes all but the newest two of each. The
/// caller syncs the directory.
Status write_producer_files(FileSystem& fs, const std::string& directory, Offset offset,
                            const ProducerState& state);

struct LoadedProducers {
  ProducerState state;
  /// Batches from here on have to be replayed; 0 when no snapshot was of use.
  Offset offset = 0;
};
/// The newest state at or below `at_most`: the sidecar, else Kafka's file; damaged ones are passed
/// over.
Result<LoadedProducers> load_producer_files(FileSystem& fs, const std::string& directory,
                                            Offset at_most, TimestampMs now);

}  // namespace horolog::storage
