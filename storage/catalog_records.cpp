#include "storage/catalog_records.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/assert.hpp"
#include "record/builder.hpp"

namespace horolog::storage {

Result<MetadataFrame> parse_metadata_frame(ByteView value) {
  const auto frame_version = take_uvarint32(value);
  if (!frame_version) return Error(Errc::corrupt, "a metadata record ends within its frame");
  if (*frame_version != metadata_frame_version) {
    return Error(Errc::unsupported, fmt::format("metadata frame version {} (this version reads {})",
                                                *frame_version, metadata_frame_version));
  }
  const auto type = take_uvarint32(value);
  const auto version = take_uvarint32(value);
  constexpr std::uint32_t max = std::numeric_limits<std::int16_t>::max();
  if (!type || !version || *type > max || *version > max) {
    return Error(Errc::corrupt, "a metadata record has no type or version");
  }
  return MetadataFrame{static_cast<std::int16_t>(*type), static_cast<std::int16_t>(*version),
                       value};
}

ByteBuffer metadata_batch(const std::vector<ByteBuffer>& values, Offset base_offset,
                          LeaderEpoch epoch, TimestampMs now) {
  record::BatchBuilder builder({.base_offset = base_offset, .leader_epoch = epoch});
  for (const ByteBuffer& value : values) builder.add(std::nullopt, ByteView(value), now);
  auto batch = builder.build();
  HOROLOG_ASSERT(batch.ok());  // nothing is compressed, so nothing can fail
  return std::move(*batch);
}

ByteBuffer control_batch(ControlType type, ByteView value, Offset base_offset, LeaderEpoch epoch,
                         TimestampMs now) {
  ByteBuffer key;
  append_be<std::int16_t>(key, 0);
  append_be<std::int16_t>(key, static_cast<std::int16_t>(type));
  return record::build_single(ByteView(key), value, now,
                              {.base_offset = base_offset, .leader_epoch = epoch, .control = true});
}

}  // namespace horolog::storage
