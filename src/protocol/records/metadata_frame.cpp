#include "protocol/records/metadata_frame.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/varint.hpp"

namespace horolog::wire {
namespace {

constexpr std::uint32_t frame_version = 1;

}  // namespace

Result<MetadataFrame> decode_metadata_frame(ByteView value) {
  constexpr auto max = static_cast<std::uint32_t>(std::numeric_limits<std::int16_t>::max());
  const auto frame = take_uvarint32(value);
  if (frame && *frame != frame_version) {
    return Error(Errc::unsupported, fmt::format("a metadata record has frame version {}; only {} "
                                                "is known",
                                                *frame, frame_version));
  }
  const auto type = frame ? take_uvarint32(value) : std::nullopt;
  const auto version = type ? take_uvarint32(value) : std::nullopt;
  if (!version || *type > max || *version > max) {
    return Error(Errc::corrupt, "a metadata record's type and version do not decode");
  }
  return MetadataFrame{.record_type = static_cast<std::int16_t>(*type),
                       .version = static_cast<std::int16_t>(*version),
                       .body = value};
}

ByteBuffer start_metadata_frame(std::int16_t record_type, std::int16_t version) {
  ByteBuffer bytes;
  append_uvarint(bytes, frame_version);
  append_uvarint(bytes, static_cast<std::uint64_t>(record_type));
  append_uvarint(bytes, static_cast<std::uint64_t>(version));
  return bytes;
}

}  // namespace horolog::wire
