#include "storage/header_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace horolog::storage {

namespace layout = record::layout;

record::BatchHeader load_batch_header(const std::byte* at) {
  record::BatchHeader header;
  header.base_offset = load_be<std::int64_t>(at + layout::base_offset);
  header.batch_length = load_be<std::int32_t>(at + layout::batch_length);
  header.leader_epoch = load_be<std::int32_t>(at + layout::leader_epoch);
  header.magic = static_cast<std::int8_t>(at[layout::magic]);
  header.crc = load_be<std::uint32_t>(at + layout::crc);
  header.attributes = load_be<std::int16_t>(at + layout::attributes);
  header.last_offset_delta = load_be<std::int32_t>(at + layout::last_offset_delta);
  header.base_timestamp = load_be<std::int64_t>(at + layout::base_timestamp);
  header.max_timestamp = load_be<std::int64_t>(at + layout::max_timestamp);
  header.producer_id = load_be<std::int64_t>(at + layout::producer_id);
  header.producer_epoch = load_be<std::int16_t>(at + layout::producer_epoch);
  header.base_sequence = load_be<std::int32_t>(at + layout::base_sequence);
  header.record_count = load_be<std::int32_t>(at + layout::record_count);
  return header;
}

Result<const std::byte*> HeaderCursor::header_bytes(std::uint64_t position) {
  if (file_.map() != nullptr && position + layout::records <= file_.map_size()) {
    return static_cast<const std::byte*>(file_.map() + position);
  }
  const bool held = position >= buffer_start_ &&
                    position + layout::records <= buffer_start_ + buffer_size_;
  if (!held) {
    HOROLOG_ASSIGN(buffer_size_, file_.file().read_at(buffer_, position));
    buffer_start_ = position;
    if (buffer_size_ < layout::records) {
      return Error(Errc::corrupt, fmt::format("{} ends at byte {}, within the header at {}",
                                              file_.file().path(), position + buffer_size_,
                                              position));
    }
  }
  return static_cast<const std::byte*>(buffer_.data() + (position - buffer_start_));
}

Result<BatchFrame> HeaderCursor::at(std::uint64_t position) {
  const auto bad = [&](std::string_view why) {
    return Error(Errc::corrupt,
                 fmt::format("{}: no batch at byte {}: {}", file_.file().path(), position, why));
  };
  if (position + layout::records > end_) return bad("the log ends within its header");
  HOROLOG_ASSIGN(const std::byte* bytes, header_bytes(position));
  BatchFrame frame{.header = load_batch_header(bytes), .position = position, .size = 0};
  if (frame.header.magic != record::magic_v2) return bad("magic is not 2");
  if (frame.header.batch_length < static_cast<std::int32_t>(layout::records - layout::log_overhead))
    return bad("its length is too small");
  frame.size = layout::log_overhead + static_cast<std::uint32_t>(frame.header.batch_length);
  if (frame.end() > end_) return bad("it goes beyond the end of the log");
  if (frame.header.last_offset_delta < 0) return bad("its offsets run backwards");
  return frame;
}

}  // namespace horolog::storage
