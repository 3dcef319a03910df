#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

/// `.timeindex`: Kafka's sparse map from timestamps to offsets. Entries, big-endian, strictly
/// rising timestamps, offsets that never fall:
///
///     0                      8                      12
///     | timestamp      int64 | offset - base  int32 |
///
/// An entry says: up to and with the batch that ends at this offset, the largest timestamp is this
/// one, and that batch is the first to have it. Added with an offset index entry when the timestamp
/// grew, and once more, for the segment's largest, when the segment is closed.
namespace horolog::storage {

struct TimeIndexEntry {
  TimestampMs timestamp = no_timestamp;
  Offset offset = no_offset;
  bool operator==(const TimeIndexEntry&) const = default;
};

/// Reads a time index in borrowed bytes; as careful as OffsetIndexView.
class TimeIndexView {
 public:
  static constexpr std::size_t entry_bytes = 12;

  TimeIndexView(ByteView bytes, Offset base_offset) : bytes_(bytes), base_(base_offset) {}

  std::size_t count() const { return bytes_.size() / entry_bytes; }
  TimeIndexEntry at(std::size_t index) const;
  /// {no_timestamp, base offset} when the index is empty, as Kafka has it.
  TimeIndexEntry last() const;
  /// The last entry with timestamp ≤ `timestamp`.
  std::optional<TimeIndexEntry> floor(TimestampMs timestamp) const;
  std::size_t plausible_entries(Offset end_offset) const;

  /// Adds the entry if its timestamp is larger than the last one's.
  static void append_if_newer(ByteBuffer& index, Offset base_offset, TimeIndexEntry entry);

 private:
  ByteView bytes_;
  Offset base_;
};

}  // namespace horolog::storage
