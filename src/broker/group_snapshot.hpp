#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/effects.hpp"
#include "coordinator/persisted_state.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"

/// What a partition of __consumer_offsets says up to an offset, so that a start replays only what
/// follows. A plain file of ours beside the log; a Kafka that opens the directory passes it by, and
/// nothing is lost without it. All integers are big-endian:
///
///     0        8          10       18      22                                  end-4
///     | magic  | version  | offset | count | count × record                    | crc |
///     record:  key length (4) | key | value length (4) | value
///
/// `offset` is the first one that is not in it. The CRC-32C covers everything before itself. A file
/// that does not check is ignored: the log has it all.
namespace horolog::broker {

inline constexpr std::string_view group_snapshot_name = "groups.state";

struct GroupSnapshot {
  Offset offset = 0;
  std::vector<coordinator::Record> records;
};

ByteBuffer encode_group_snapshot(const coordinator::PersistedState& state, Offset offset);
/// Errc::corrupt with what is wrong, Errc::unsupported for a newer version.
Result<GroupSnapshot> decode_group_snapshot(ByteView bytes);

/// nullopt when there is none in the directory.
Result<std::optional<GroupSnapshot>> read_group_snapshot(storage::FileSystem& fs,
                                                         const std::string& directory);
/// Whole or not at all. Everything below its offset must be durable in the log: a snapshot that
/// knew more than a recovered log would mix up what comes after.
Status write_group_snapshot(storage::FileSystem& fs, const std::string& directory,
                            ByteView encoded);

}  // namespace horolog::broker
