#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

namespace horolog::storage {

struct KeyHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const KeyHash&) const = default;
};

/// Turns record keys into 128 bits (XXH3 with a secret). The secret is what makes a crafted
/// collision, which would delete a live key, as unlikely as an accidental one. Thread-safe.
class KeyHasher {
 public:
  /// The secret is derived from `seed`, of any length.
  explicit KeyHasher(ByteView seed);
  /// With a secret drawn at random once per process; nothing on disk depends on it.
  static const KeyHasher& of_process();

  KeyHash operator()(ByteView key) const;

 private:
  static constexpr std::size_t secret_bytes = 192;
  std::array<std::byte, secret_bytes> secret_{};
};

/// The last offset of each key of the dirty part of a log, in bounded memory: 24 bytes a slot, up
/// to 31 bytes per key while it grows. One thread at a time.
///
/// The hash picks one of up to 256 tables, each an open-addressed array whose entries are kept in
/// the order of their hashes: a search ends at the first larger one, so tables may be nearly full,
/// and a table grows by moving its entries in order, one small table at a time.
class KeyMap {
 public:
  static constexpr std::size_t slot_bytes = 24;

  /// Takes at most `max_bytes` (but at least one slot), and counts as full at `load` of them.
  explicit KeyMap(std::size_t max_bytes, double load = 0.9);

  /// Remembers the later of the offset known and this one. False when the map is full and does not
  /// know the key: nothing has changed.
  bool put(const KeyHash& hash, Offset offset);
  std::optional<Offset> find(const KeyHash& hash) const;

  std::size_t keys() const { return keys_; }
  /// What the slots take now.
  std::size_t memory_bytes() const { return slots_ * slot_bytes; }

 private:
  struct Slot {
    KeyHash hash;
    Offset offset = no_offset;  ///< no_offset: the slot is free
  };
  static_assert(sizeof(Slot) == slot_bytes);
  struct Table {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  Table& table_of(const KeyHash& hash) { return tables_[table_index(hash)]; }
  std::size_t table_index(const KeyHash& hash) const {
    return table_bits_ == 0 ? 0 : static_cast<std::size_t>(hash.high >> (64 - table_bits_));
  }
  bool full(const Table& table) const;
  bool grow(Table& table);
  /// Puts an entry that is not there; false when no slot is free at or behind its place.
  static bool insert(std::vector<Slot>& slots, const Slot& entry);

  std::size_t table_slots_max_;
  double load_;
  int table_bits_ = 0;
  std::vector<Table> tables_;
  std::size_t keys_ = 0;
  std::size_t slots_ = 0;
};

}  // namespace horolog::storage
