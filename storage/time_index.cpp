#include "storage/time_index.hpp"

namespace horolog::storage {

TimeIndexEntry TimeIndexView::at(std::size_t index) const {
  const std::byte* entry = bytes_.data() + index * entry_bytes;
  return {.timestamp = load_be<std::int64_t>(entry),
          .offset = base_ + load_be<std::int32_t>(entry + 8)};
}

TimeIndexEntry TimeIndexView::last() const {
  if (count() == 0) return {.timestamp = no_timestamp, .offset = base_};
  return at(count() - 1);
}

std::optional<TimeIndexEntry> TimeIndexView::floor(TimestampMs timestamp) const {
  std::size_t low = 0;
  std::size_t high = count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle).timestamp <= timestamp) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  return at(low - 1);
}

std::size_t TimeIndexView::plausible_entries(Offset end_offset) const {
  TimeIndexEntry previous{.timestamp = no_timestamp, .offset = base_};
  for (std::size_t i = 0; i < count(); ++i) {
    const TimeIndexEntry entry = at(i);
    const bool rises =
        entry.timestamp > previous.timestamp && entry.offset >= previous.offset;
    if (!rises || entry.offset >= end_offset) return i;
    previous = entry;
  }
  return count();
}

void TimeIndexView::append_if_newer(ByteBuffer& index, Offset base_offset, TimeIndexEntry entry) {
  if (entry.timestamp <= TimeIndexView(index, base_offset).last().timestamp) return;
  append_be(index, entry.timestamp);
  append_be(index, static_cast<std::int32_t>(entry.offset - base_offset));
}

}  // namespace horolog::storage
