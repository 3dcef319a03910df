#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

/// What a partition of a coordinator topic (__consumer_offsets, __transaction_state) says up to an
/// offset, so that a start replays only what follows. A plain file of ours beside the log; a Kafka
/// that opens the directory passes it by, and nothing is lost without it. All integers are
/// big-endian:
///
///     0        8          10       18      22                                  end-4
///     | magic  | version  | offset | count | count × record                    | crc |
///     record:  producer id (8) | key length (4) | key | value length (4) | value
///
/// `offset` is the first one that is not in it. A producer id other than -1 says that the record
/// waits for the end of that producer's transaction. The CRC-32C covers everything before itself. A
/// file that does not check is ignored: the log has it all.
namespace horolog::storage {

/// Which coordinators' snapshot: the name of the file and the 8 bytes it starts with.
struct SnapshotFile {
  std::string_view name;
  std::string_view magic;
};
inline constexpr SnapshotFile group_snapshot{"groups.state", "HOROGRPS"};
inline constexpr SnapshotFile transaction_snapshot{"transactions.state", "HOROTXNS"};

/// A record of a coordinator topic, and whose open transaction it belongs to, if any.
struct StoredRecord {
  ByteBuffer key;
  ByteBuffer value;
  ProducerId transaction = no_producer_id;
};

struct CoordinatorSnapshot {
  Offset offset = 0;
  std::vector<StoredRecord> records;
};

ByteBuffer encode_snapshot(const SnapshotFile& file, const CoordinatorSnapshot& snapshot);
/// Errc::corrupt with what is wrong, Errc::unsupported for a newer version.
Result<CoordinatorSnapshot> decode_snapshot(const SnapshotFile& file, ByteView bytes);

/// nullopt when there is none in the directory.
Result<std::optional<CoordinatorSnapshot>> read_snapshot(FileSystem& fs,
                                                         const SnapshotFile& file,
                                                         const std::string& directory);
/// Whole or not at all. Everything below its offset must be durable in the log: a snapshot that
/// knew more than a recovered log would mix up what comes after.
Status write_snapshot(FileSystem& fs, const SnapshotFile& file,
                      const std::string& directory, ByteView encoded);

}  // namespace horolog::storage
