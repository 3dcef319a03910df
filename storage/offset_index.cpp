#include "storage/offset_index.hpp"

namespace horolog::storage {
namespace {

/// The last index for which `below(index)` holds, given that it holds for a prefix.
template <typename Predicate>
std::optional<std::size_t> last_where(std::size_t count, Predicate below) {
  std::size_t low = 0;
  std::size_t high = count;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (below(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  return low - 1;
}

}  // namespace

OffsetIndexEntry OffsetIndexView::at(std::size_t index) const {
  const std::byte* entry = bytes_.data() + index * entry_bytes;
  return {.offset = base_ + load_be<std::int32_t>(entry),
          .position = load_be<std::uint32_t>(entry + 4)};
}

std::optional<OffsetIndexEntry> OffsetIndexView::floor_of_offset(Offset offset) const {
  const auto found = last_where(count(), [&](std::size_t i) { return at(i).offset <= offset; });
  return found ? std::optional(at(*found)) : std::nullopt;
}

std::optional<OffsetIndexEntry> OffsetIndexView::floor_of_position(std::uint64_t position) const {
  const auto found = last_where(count(), [&](std::size_t i) { return at(i).position <= position; });
  return found ? std::optional(at(*found)) : std::nullopt;
}

std::size_t OffsetIndexView::plausible_entries(Offset end_offset,
                                               std::uint64_t end_position) const {
  OffsetIndexEntry last{.offset = base_ - 1, .position = 0};
  for (std::size_t i = 0; i < count(); ++i) {
    const OffsetIndexEntry entry = at(i);
    const bool rises = entry.offset > last.offset && entry.position > last.position;
    if (!rises || entry.offset >= end_offset || entry.position >= end_position) return i;
    last = entry;
  }
  return count();
}

void OffsetIndexView::append(ByteBuffer& index, Offset base_offset, OffsetIndexEntry entry) {
  append_be(index, static_cast<std::int32_t>(entry.offset - base_offset));
  append_be(index, static_cast<std::int32_t>(entry.position));
}

}  // namespace horolog::storage
