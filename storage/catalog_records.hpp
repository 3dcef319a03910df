#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/varint.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "protocol/codec.hpp"

/// The frame of a metadata record's value (Kafka's KRaft format), all unsigned varints:
///
///     frame version (1) | record type | version of the record | fields
namespace horolog::storage {

inline constexpr std::uint32_t metadata_frame_version = 1;

/// A metadata record taken apart; `fields` borrows from the value.
struct MetadataFrame {
  std::int16_t type = -1;
  std::int16_t version = 0;
  ByteView fields;
};

/// Errc::corrupt when the bytes are no frame, Errc::unsupported for a newer frame version.
Result<MetadataFrame> parse_metadata_frame(ByteView value);

template <typename T>
ByteBuffer encode_metadata(const T& message, std::int16_t version) {
  ByteBuffer out;
  append_uvarint(out, metadata_frame_version);
  append_uvarint(out, static_cast<std::uint64_t>(T::api.record_type));
  append_uvarint(out, static_cast<std::uint64_t>(version));
  const ByteBuffer fields = wire::encode(message, version);
  out.insert(out.end(), fields.begin(), fields.end());
  return out;
}

template <typename T>
Result<T> decode_metadata(const MetadataFrame& frame) {
  return wire::decode<T>(frame.fields, frame.version);
}

/// Types of control records: what the key of one holds after its version (0).
enum class ControlType : std::int16_t {
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
};

/// A batch of metadata records (key null, stamped `now`).
ByteBuffer metadata_batch(const std::vector<ByteBuffer>& values, Offset base_offset,
                          LeaderEpoch epoch, TimestampMs now);
/// A control batch of one record.
ByteBuffer control_batch(ControlType type, ByteView value, Offset base_offset, LeaderEpoch epoch,
                         TimestampMs now);

}  // namespace horolog::storage
