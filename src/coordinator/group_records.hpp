#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "coordinator/effects.hpp"
#include "horolog/error.hpp"
#include "protocol/records/group_metadata.hpp"
#include "protocol/records/offset_commit.hpp"

/// The records of __consumer_offsets. A key is an int16 record type and the key's fields; a value
/// is an int16 version and the value's fields. Types and fields: Kafka's group-coordinator schemas.
namespace horolog::coordinator {

/// A committed offset, or (no value) its removal.
struct OffsetRecord {
  wire::OffsetCommitKey key;
  std::optional<wire::OffsetCommitValue> value;
};

/// A classic group as its last completed rebalance left it, or (no value) its removal.
struct GroupRecord {
  std::string group;
  std::optional<wire::GroupMetadataValue> value;
};

/// A record of a type that this coordinator does not keep (KIP-848 and share groups).
struct OtherRecord {
  std::int16_t type = 0;
};

using AnyRecord = std::variant<OffsetRecord, GroupRecord, OtherRecord>;

/// In the versions that Apache Kafka 4.3.1 writes: offsets as version 4, or 1 when the client gave
/// an expiry of its own; groups as version 3.
Record encode_record(const AnyRecord& record);

/// Reads every version Kafka ever wrote. Errc::corrupt for bytes that do not decode,
/// Errc::unsupported for a value version from the future.
Result<AnyRecord> decode_record(ByteView key, std::optional<ByteView> value);

}  // namespace horolog::coordinator
