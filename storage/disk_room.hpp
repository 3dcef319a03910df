#pragma once

#include <cstdint>

namespace horolog::storage {

/// Whether the disk has room for produced records. Below the low-water mark it has not; it has
/// again a quarter of the mark above it, so that deletes and small writes do not make the answer
/// flip from one produce to the next.
constexpr bool disk_has_room(std::uint64_t free_bytes, std::uint64_t low_bytes, bool had_room) {
  return free_bytes >= (had_room ? low_bytes : low_bytes + low_bytes / 4);
}

}  // namespace horolog::storage
