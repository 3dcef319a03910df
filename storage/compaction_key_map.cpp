#include "storage/compaction_key_map.hpp"

#include <sys/random.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace horolog::storage {
namespace {

constexpr int table_bits_max = 8;
/// A table with fewer slots is a sorted array: entries near its end would find no room otherwise.
constexpr std::size_t sorted_array_slots = 64;
constexpr std::size_t first_slots = 64;
/// At a load of 0.9 before and 0.9 / 1.15 after, a key takes 27 to 31 bytes.
constexpr std::size_t growth_percent = 15;

/// Slots behind the last home place, for the entries that are pushed beyond it.
std::size_t spare_slots(std::size_t slots) { return 48 + slots / 64; }

/// Where the search for a hash starts: rises with it.
std::size_t home_of(const KeyHash& hash, std::size_t slots) {
  if (slots <= sorted_array_slots) return 0;
  __extension__ using Wide = unsigned __int128;
  const std::size_t homes = slots - std::min(spare_slots(slots), slots / 2);
  return static_cast<std::size_t>(static_cast<Wide>(hash.low) * homes >> 64);
}

bool before(const KeyHash& a, const KeyHash& b) {
  return a.low != b.low ? a.low < b.low : a.high < b.high;
}

}  // namespace

KeyHasher::KeyHasher(ByteView seed) {
  constexpr std::size_t piece = sizeof(XXH128_hash_t);
  static_assert(secret_bytes % piece == 0);
  for (std::size_t at = 0; at < secret_bytes; at += piece) {
    const XXH128_hash_t part = XXH3_128bits_withSeed(seed.data(), seed.size(), at);
    std::memcpy(secret_.data() + at, &part, piece);
  }
}

const KeyHasher& KeyHasher::of_process() {
  static const KeyHasher hasher = [] {
    std::array<std::byte, 64> seed;
    HOROLOG_ASSERT(::getrandom(seed.data(), seed.size(), 0) == ssize_t{seed.size()});
    return KeyHasher(seed);
  }();
  return hasher;
}

KeyHash KeyHasher::operator()(ByteView key) const {
  const XXH128_hash_t hash =
      XXH3_128bits_withSecret(key.data(), key.size(), secret_.data(), secret_.size());
  return {.high = hash.high64, .low = hash.low64};
}

KeyMap::KeyMap(std::size_t max_bytes, double load) : load_(load) {
  const std::size_t slots = std::max<std::size_t>(max_bytes / slot_bytes, 1);
  while (table_bits_ < table_bits_max && (slots >> (table_bits_ + 1)) >= 1024) ++table_bits_;
  tables_.resize(std::size_t{1} << table_bits_);
  table_slots_max_ = slots >> table_bits_;
}

bool KeyMap::full(const Table& table) const {
  return static_cast<double>(table.used + 1) > load_ * static_cast<double>(table.slots.size());
}

bool KeyMap::insert(std::vector<Slot>& slots, const Slot& entry) {
  std::size_t at = home_of(entry.hash, slots.size());
  while (at < slots.size() && slots[at].offset != no_offset && before(slots[at].hash, entry.hash)) {
    ++at;
  }
  std::size_t free = at;
  while (free < slots.size() && slots[free].offset != no_offset) ++free;
  if (free == slots.size()) return false;
  std::move_backward(slots.begin() + static_cast<std::ptrdiff_t>(at),
                     slots.begin() + static_cast<std::ptrdiff_t>(free),
                     slots.begin() + static_cast<std::ptrdiff_t>(free + 1));
  slots[at] = entry;
  return true;
}

bool KeyMap::grow(Table& table) {
  const std::size_t old_size = table.slots.size();
  std::size_t size = std::max(first_slots, old_size + old_size * growth_percent / 100 + 1);
  size = std::min(size, table_slots_max_);
  if (size <= old_size) return false;
  std::vector<Slot> slots(size);
  std::size_t free = 0;
  for (const Slot& entry : table.slots) {
    if (entry.offset == no_offset) continue;
    const std::size_t at = std::max(free, home_of(entry.hash, size));
    // The entries of a smaller table that were pushed to its end still fit behind their homes.
    if (at >= size) return false;
    slots[at] = entry;
    free = at + 1;
  }
  slots_ += size - old_size;
  table.slots = std::move(slots);
  return true;
}

bool KeyMap::put(const KeyHash& hash, Offset offset) {
  Table& table = table_of(hash);
  for (std::size_t at = home_of(hash, table.slots.size()); at < table.slots.size(); ++at) {
    Slot& slot = table.slots[at];
    if (slot.offset == no_offset || before(hash, slot.hash)) break;
    if (slot.hash != hash) continue;
    slot.offset = std::max(slot.offset, offset);
    return true;
  }
  // The load must leave room for one key, however small the map is.
  if (full(table) && !grow(table) && !(table.used == 0 && !table.slots.empty())) return false;
  while (!insert(table.slots, {.hash = hash, .offset = offset})) {
    if (!grow(table)) return false;
  }
  ++table.used;
  ++keys_;
  return true;
}

std::optional<Offset> KeyMap::find(const KeyHash& hash) const {
  const std::vector<Slot>& slots = tables_[table_index(hash)].slots;
  for (std::size_t at = home_of(hash, slots.size()); at < slots.size(); ++at) {
    const Slot& slot = slots[at];
    if (slot.offset == no_offset || before(hash, slot.hash)) break;
    if (slot.hash == hash) return slot.offset;
  }
  return std::nullopt;
}

}  // namespace horolog::storage
