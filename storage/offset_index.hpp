#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

/// `.index`: Kafka's sparse map from offsets to positions in the log file. Entries, big-endian,
/// strictly rising in both columns:
///
///     0                      4                      8
///     | offset - base  int32 | position       int32 |
///
/// An entry holds the last offset of a batch and where that batch starts. A batch gets one when
/// more than index.interval.bytes were appended since the last entry.
namespace horolog::storage {

struct OffsetIndexEntry {
  Offset offset = no_offset;
  std::uint64_t position = 0;
  bool operator==(const OffsetIndexEntry&) const = default;
};

/// Reads an index in borrowed bytes, in memory or mapped. Never trusts them: a lookup stays inside
/// the bytes, and what it returns is a hint that the reader checks against the log.
class OffsetIndexView {
 public:
  static constexpr std::size_t entry_bytes = 8;

  OffsetIndexView(ByteView bytes, Offset base_offset) : bytes_(bytes), base_(base_offset) {}

  std::size_t count() const { return bytes_.size() / entry_bytes; }
  OffsetIndexEntry at(std::size_t index) const;
  /// The last entry with offset ≤ `offset`.
  std::optional<OffsetIndexEntry> floor_of_offset(Offset offset) const;
  /// The last entry with position ≤ `position`.
  std::optional<OffsetIndexEntry> floor_of_position(std::uint64_t position) const;
  /// How many leading entries rise strictly and lie below the bounds: the rest cannot be true.
  std::size_t plausible_entries(Offset end_offset, std::uint64_t end_position) const;

  static void append(ByteBuffer& index, Offset base_offset, OffsetIndexEntry entry);

 private:
  ByteView bytes_;
  Offset base_;
};

}  // namespace horolog::storage
