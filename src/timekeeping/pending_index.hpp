#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace horolog::timekeeping {

/// What the index remembers of a schedule.
struct PendingEntry {
  std::int64_t generation = 0;  ///< below 2^40
  std::int64_t place = 0;       ///< of the definition, in the local mirror; below 2^40
};

/// Every pending schedule by the hash of its key, in few bytes: 18 a slot (hash 8,
/// generation 5, place 5), and the slots are kept 80 to 90 % full by growing an eighth at a time.
/// From about 100,000 entries on that is 20 to 23 bytes per entry, plus 1/256 of the table while
/// one of its 256 parts grows; memory_bytes() says exactly how much. Erasing gives nothing back.
///
/// Two keys may have one hash. So the caller, who can read the definition at a place, is asked
/// whether an entry is the right one: `is_key(place)` compares the full key there. It is asked
/// once per lookup that hits, almost always.
///
/// Linear probing; removal closes the gap, so nothing decays with use. Not thread-safe. Pure.
class PendingIndex {
 public:
  static constexpr std::int64_t limit = std::int64_t{1} << 40;
  static constexpr std::size_t slot_bytes = 18;

  PendingIndex() = default;
  PendingIndex(const PendingIndex&) = delete;
  PendingIndex& operator=(const PendingIndex&) = delete;
  PendingIndex(PendingIndex&&) = default;
  PendingIndex& operator=(PendingIndex&&) = default;

  /// Makes room for so many in one step: growing to them leaves holes behind in the heap.
  void reserve(std::size_t entries);

  template <typename IsKey>
  std::optional<PendingEntry> find(std::uint64_t hash, const IsKey& is_key) const {
    const Part& part = part_of(hash);
    const auto slot = search(part, hash, is_key);
    if (!slot) return std::nullopt;
    return part.entry(*slot);
  }

  /// Adds the entry, or replaces the one of the same key. Returns what was there.
  template <typename IsKey>
  std::optional<PendingEntry> put(std::uint64_t hash, const PendingEntry& entry,
                                  const IsKey& is_key) {
    Part& part = part_of(hash);
    if (const auto slot = search(part, hash, is_key)) {
      const PendingEntry before = part.entry(*slot);
      part.set_entry(*slot, entry);
      return before;
    }
    insert(part, hash, entry);
    return std::nullopt;
  }

  /// Returns what was removed.
  template <typename IsKey>
  std::optional<PendingEntry> erase(std::uint64_t hash, const IsKey& is_key) {
    Part& part = part_of(hash);
    const auto slot = search(part, hash, is_key);
    if (!slot) return std::nullopt;
    const PendingEntry before = part.entry(*slot);
    close_gap(part, *slot);
    return before;
  }

  /// The entry of that generation: for a timer, which knows no key. Generations do not repeat.
  std::optional<PendingEntry> find_generation(std::uint64_t hash, std::int64_t generation) const;
  /// Returns what was removed.
  std::optional<PendingEntry> erase_generation(std::uint64_t hash, std::int64_t generation);
  /// The definition of that generation lies elsewhere now. False when there is no such entry.
  bool move(std::uint64_t hash, std::int64_t generation, std::int64_t place);

  /// Calls visit(hash, entry) for every entry, in no order. The index must not change meanwhile.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (const Part& part : parts_) {
      for (std::size_t slot = 0; slot < part.capacity; ++slot) {
        if (part.hash(slot) != empty) visit(part.hash(slot), part.entry(slot));
      }
    }
  }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const;
  void clear();

 private:
  static constexpr std::uint64_t empty = 0;
  static constexpr std::size_t part_count = 256;

  /// One allocation: `capacity` hashes, then as many packed entries. A search walks hashes only.
  struct Part {
    std::unique_ptr<std::byte[]> bytes;
    std::uint32_t capacity = 0;
    std::uint32_t used = 0;

    std::uint64_t hash(std::size_t slot) const;
    void set_hash(std::size_t slot, std::uint64_t hash);
    PendingEntry entry(std::size_t slot) const;
    void set_entry(std::size_t slot, const PendingEntry& entry);
    /// Where a hash would lie if nobody were in its way.
    std::size_t home(std::uint64_t hash) const;
    std::size_t after(std::size_t slot) const { return slot + 1 == capacity ? 0 : slot + 1; }
  };

  /// 0 marks an empty slot; a hash of 0 shares its place with 1, and is_key() tells them apart.
  static std::uint64_t stored(std::uint64_t hash) { return hash == empty ? 1 : hash; }
  Part& part_of(std::uint64_t hash) { return parts_[stored(hash) >> 56]; }
  const Part& part_of(std::uint64_t hash) const { return parts_[stored(hash) >> 56]; }

  template <typename IsKey>
  static std::optional<std::size_t> search(const Part& part, std::uint64_t hash,
                                           const IsKey& is_key) {
    if (part.capacity == 0) return std::nullopt;
    const std::uint64_t wanted = stored(hash);
    for (std::size_t slot = part.home(wanted); part.hash(slot) != empty;
         slot = part.after(slot)) {
      if (part.hash(slot) == wanted && is_key(part.entry(slot).place)) return slot;
    }
    return std::nullopt;
  }

  static std::optional<std::size_t> search_generation(const Part& part, std::uint64_t hash,
                                                      std::int64_t generation);
  void insert(Part& part, std::uint64_t hash, const PendingEntry& entry);
  void close_gap(Part& part, std::size_t hole);
  static void widen(Part& part, std::size_t capacity);
  static void place(Part& part, std::uint64_t stored_hash, const PendingEntry& entry);

  std::array<Part, part_count> parts_;
  std::size_t size_ = 0;
};

}  // namespace horolog::timekeeping
