#pragma once

#include <cstdint>

#include "horolog/error.hpp"
#include "protocol/codec.hpp"

namespace horolog::wire {

/// The value of a record of the metadata log, taken apart: frame version (always 1), type and
/// version of the record as variable-length numbers, then its fields. `body` borrows.
struct MetadataFrame {
  std::int16_t record_type = 0;
  std::int16_t version = 0;
  ByteView body;
};

/// Errc::corrupt when the numbers do not decode, Errc::unsupported for another frame version.
Result<MetadataFrame> decode_metadata_frame(ByteView value);

/// The frame's first bytes, to which the body is appended.
ByteBuffer start_metadata_frame(std::int16_t record_type, std::int16_t version);

/// The value of a metadata record, as it stands in the log.
template <Described T>
ByteBuffer encode_metadata(const T& record, std::int16_t version) {
  static_assert(T::api.record_type >= 0);
  Spliced out{.bytes = start_metadata_frame(T::api.record_type, version), .splices = {}};
  return detail::append(record, version, std::move(out)).bytes;
}

}  // namespace horolog::wire
