#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/types.hpp"

/// `.txnindex`: Kafka's list of the aborted transactions whose markers lie in a segment, in the
/// order of the markers. Entries of 34 bytes, big-endian:
///
///     0             2               10             18            26                   34
///     | version = 0 | producer   id | first offset | last offset | last stable offset |
///     | int16       | int64         | int64        | int64       | int64              |
///
/// First is the offset of the transaction's first batch here (perhaps in an earlier segment), last
/// that of its marker. The last stable offset is that of the moment: no transaction that ended
/// later began below it. Committed transactions and such without data have no entry. The file has
/// no checksum of its own: see `.sum` and `.producers` in FORMAT.md.
namespace horolog::storage {

/// What a consumer that reads committed records only has to know (Fetch, KIP-98).
struct AbortedTransaction {
  ProducerId producer_id = no_producer_id;
  Offset first_offset = no_offset;
  bool operator==(const AbortedTransaction&) const = default;
};

struct TransactionIndexEntry {
  ProducerId producer_id = no_producer_id;
  Offset first_offset = no_offset;
  Offset last_offset = no_offset;
  Offset last_stable_offset = no_offset;
  bool operator==(const TransactionIndexEntry&) const = default;
};

/// Reads a transaction index in borrowed bytes; never past their end. What is not plausible is for
/// plausible_entries() to find: the rest takes the entries as they are.
class TransactionIndexView {
 public:
  static constexpr std::size_t entry_bytes = 34;

  explicit TransactionIndexView(ByteView bytes) : bytes_(bytes) {}

  std::size_t count() const { return bytes_.size() / entry_bytes; }
  TransactionIndexEntry at(std::size_t index) const;
  std::vector<TransactionIndexEntry> entries() const;
  /// The first entry whose marker is at or above `offset`; count() when there is none.
  std::size_t lower_bound(Offset offset) const;
  /// Adds the transactions that overlap [from, to). True when no later entry, here or in a later
  /// segment, can overlap it.
  bool collect(Offset from, Offset to, std::vector<AbortedTransaction>& out) const;
  /// How many entries, from the first on, can be those of a segment with these offsets.
  std::size_t plausible_entries(Offset base_offset, Offset end_offset) const;

  static void append(ByteBuffer& index, const TransactionIndexEntry& entry);

 private:
  ByteView bytes_;
};

}  // namespace horolog::storage
