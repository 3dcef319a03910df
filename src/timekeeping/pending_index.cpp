#include "timekeeping/pending_index.hpp"

#include <cstring>

#include "base/assert.hpp"

namespace horolog::timekeeping {
namespace {

constexpr std::size_t entry_bytes = 10;

void store_40(std::byte* to, std::int64_t value) {
  for (int i = 0; i < 5; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

std::int64_t load_40(const std::byte* from) {
  std::int64_t value = 0;
  for (int i = 0; i < 5; ++i) value |= std::to_integer<std::int64_t>(from[i]) << (8 * i);
  return value;
}

}  // namespace

std::uint64_t PendingIndex::Part::hash(std::size_t slot) const {
  std::uint64_t out;
  std::memcpy(&out, bytes.get() + slot * sizeof out, sizeof out);
  return out;
}

void PendingIndex::Part::set_hash(std::size_t slot, std::uint64_t hash) {
  std::memcpy(bytes.get() + slot * sizeof hash, &hash, sizeof hash);
}

PendingEntry PendingIndex::Part::entry(std::size_t slot) const {
  const std::byte* at = bytes.get() + capacity * sizeof(std::uint64_t) + slot * entry_bytes;
  return {load_40(at), load_40(at + 5)};
}

void PendingIndex::Part::set_entry(std::size_t slot, const PendingEntry& entry) {
  HOROLOG_ASSERT(entry.generation >= 0 && entry.generation < limit);
  HOROLOG_ASSERT(entry.place >= 0 && entry.place < limit);
  std::byte* at = bytes.get() + capacity * sizeof(std::uint64_t) + slot * entry_bytes;
  store_40(at, entry.generation);
  store_40(at + 5, entry.place);
}

std::size_t PendingIndex::Part::home(std::uint64_t hash) const {
  // The top byte chose the part; the next 32 bits, as a fraction of the capacity, the slot.
  return static_cast<std::size_t>((hash << 8 >> 32) * capacity >> 32);
}

void PendingIndex::place(Part& part, std::uint64_t stored_hash, const PendingEntry& entry) {
  std::size_t slot = part.home(stored_hash);
  while (part.hash(slot) != empty) slot = part.after(slot);
  part.set_hash(slot, stored_hash);
  part.set_entry(slot, entry);
  ++part.used;
}

void PendingIndex::widen(Part& part, std::size_t capacity) {
  Part wider;
  wider.capacity = static_cast<std::uint32_t>(capacity);
  // Zeroed, and zero is the mark of an empty slot.
  wider.bytes = std::make_unique<std::byte[]>(wider.capacity * slot_bytes);
  for (std::size_t slot = 0; slot < part.capacity; ++slot) {
    if (part.hash(slot) != empty) place(wider, part.hash(slot), part.entry(slot));
  }
  part = std::move(wider);
}

/// Parts differ by a few percent, and are to be filled up to 90 %.
void PendingIndex::reserve(std::size_t entries) {
  const std::size_t capacity = entries / part_count * 8 / 7 + 4;
  for (Part& part : parts_)
    if (capacity > part.capacity) widen(part, capacity);
}

void PendingIndex::insert(Part& part, std::uint64_t hash, const PendingEntry& entry) {
  if ((part.used + 1ULL) * 10 > part.capacity * 9ULL)
    widen(part, part.capacity + part.capacity / 8 + 4);
  place(part, stored(hash), entry);
  ++size_;
}

std::optional<std::size_t> PendingIndex::search_generation(const Part& part, std::uint64_t hash,
                                                           std::int64_t generation) {
  if (part.capacity == 0) return std::nullopt;
  const std::uint64_t wanted = stored(hash);
  for (std::size_t slot = part.home(wanted); part.hash(slot) != empty; slot = part.after(slot)) {
    if (part.hash(slot) == wanted && part.entry(slot).generation == generation) return slot;
  }
  return std::nullopt;
}

std::optional<PendingEntry> PendingIndex::find_generation(std::uint64_t hash,
                                                          std::int64_t generation) const {
  const Part& part = part_of(hash);
  const auto slot = search_generation(part, hash, generation);
  if (!slot) return std::nullopt;
  return part.entry(*slot);
}

std::optional<PendingEntry> PendingIndex::erase_generation(std::uint64_t hash,
                                                           std::int64_t generation) {
  Part& part = part_of(hash);
  const auto slot = search_generation(part, hash, generation);
  if (!slot) return std::nullopt;
  const PendingEntry before = part.entry(*slot);
  close_gap(part, *slot);
  return before;
}

bool PendingIndex::move(std::uint64_t hash, std::int64_t generation, std::int64_t place) {
  Part& part = part_of(hash);
  const auto slot = search_generation(part, hash, generation);
  if (slot) part.set_entry(*slot, {generation, place});
  return slot.has_value();
}

void PendingIndex::close_gap(Part& part, std::size_t hole) {
  // Whoever stands behind the hole and belongs at or before it moves up, until a slot is free.
  for (std::size_t slot = part.after(hole); part.hash(slot) != empty; slot = part.after(slot)) {
    const std::size_t home = part.home(part.hash(slot));
    const bool between = hole < slot ? home > hole && home <= slot : home > hole || home <= slot;
    if (between) continue;
    part.set_hash(hole, part.hash(slot));
    part.set_entry(hole, part.entry(slot));
    hole = slot;
  }
  part.set_hash(hole, empty);
  --part.used;
  --size_;
}

std::size_t PendingIndex::memory_bytes() const {
  std::size_t out = sizeof(*this);
  for (const Part& part : parts_) out += part.capacity * slot_bytes;
  return out;
}

void PendingIndex::clear() {
  for (Part& part : parts_) part = Part{};
  size_ = 0;
}

}  // namespace horolog::timekeeping
