#include "protocol/group_partition.hpp"

#include <limits>

#include "base/assert.hpp"

namespace horolog::wire {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct Decoded {
  char32_t character;
  std::size_t bytes;
};

/// The character at the start of `text` (not empty). A byte that starts nothing valid is replaced
/// on its own.
Decoded decode_one(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return {first, 1};
  std::size_t size = 0;
  char32_t value = 0;
  if ((first & 0xE0) == 0xC0) {
    size = 2;
    value = first & 0x1F;
  } else if ((first & 0xF0) == 0xE0) {
    size = 3;
    value = first & 0x0F;
  } else if ((first & 0xF8) == 0xF0) {
    size = 4;
    value = first & 0x07;
  }
  if (size == 0 || size > text.size()) return {replacement, 1};
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {replacement, 1};
    value = (value << 6) | (at(i) & 0x3F);
  }
  const char32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest || value > 0x10FFFF || surrogate) return {replacement, 1};
  return {value, size};
}

}  // namespace

std::int32_t java_string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  const auto add = [&](char32_t unit) { hash = hash * 31 + static_cast<std::uint32_t>(unit); };
  while (!utf8.empty()) {
    const Decoded decoded = decode_one(utf8);
    if (decoded.character >= 0x10000) {
      const char32_t above = decoded.character - 0x10000;
      add(0xD800 + (above >> 10));
      add(0xDC00 + (above & 0x3FF));
    } else {
      add(decoded.character);
    }
    utf8.remove_prefix(decoded.bytes);
  }
  return static_cast<std::int32_t>(hash);
}

PartitionIndex partition_of_group(std::string_view group_id, PartitionIndex partitions) {
  HOROLOG_ASSERT(partitions > 0);
  const std::int32_t hash = java_string_hash(group_id);
  if (hash == std::numeric_limits<std::int32_t>::min()) return 0;
  return (hash < 0 ? -hash : hash) % partitions;
}

}  // namespace horolog::wire
