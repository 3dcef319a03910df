#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/error_code.hpp"
#include "record/batch.hpp"
#include "record/control_record.hpp"
#include "storage/transaction_index.hpp"

namespace horolog::storage {

/// A batch that a producer appended, as far as a retry of it has to be recognised.
struct ProducerBatch {
  std::int32_t last_sequence = -1;  ///< -1: written by a coordinator, without sequence
  std::int32_t offset_delta = 0;  ///< last offset - first offset
  Offset last_offset = no_offset;
  TimestampMs timestamp = no_timestamp;  ///< the batch's largest

  std::int32_t first_sequence() const;
  Offset first_offset() const { return last_offset - offset_delta; }
  bool operator==(const ProducerBatch&) const = default;
};

/// What a partition remembers of one producer (KIP-98): its epoch, its last five batches, and the
/// transaction it has open here.
struct ProducerEntry {
  static constexpr std::size_t max_batches = 5;

  ProducerEpoch epoch = -1;
  std::uint8_t batch_count = 0;
  std::array<ProducerBatch, max_batches> batches{};  ///< oldest first
  /// When it last appended, by the broker's clock; what expiry goes by.
  TimestampMs last_append_ms = 0;
  /// The largest timestamp of its last batch, or that of its last marker.
  TimestampMs last_timestamp = no_timestamp;
  /// Of its last marker: no coordinator of an older epoch may end a transaction any more.
  std::int32_t coordinator_epoch = -1;
  /// Where its open transaction begins in this partition; no_offset when it has none.
  Offset transaction_start = no_offset;

  bool in_transaction() const { return transaction_start != no_offset; }
  const ProducerBatch* last() const { return batch_count ? &batches[batch_count - 1] : nullptr; }
  void push(const ProducerBatch& batch);
  bool operator==(const ProducerEntry&) const = default;
};

/// What a batch did to the transaction of its producer in this partition.
struct TransactionChange {
  enum class Kind : std::uint8_t { none, begun, ended };
  Kind kind = Kind::none;
  Offset first_offset = no_offset;
  /// It ended by being aborted: what belongs into the transaction index.
  std::optional<TransactionIndexEntry> aborted;
};

/// A marker that is to be written, as far as it can be refused.
struct MarkerEpochs {
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
  std::int32_t coordinator_epoch = -1;
  /// transaction.version of the transaction. From 2 on (KIP-890) the coordinator raises the epoch
  /// for the marker, so one of the current epoch can only be a late duplicate.
  std::int16_t transaction_version = 0;
};

/// The producers of one partition: sequence checks, duplicates, fencing, open transactions. Not
/// thread-safe (it lives under the append mutex).
class ProducerState {
 public:
  struct Verdict {
    wire::ErrorCode error = wire::ErrorCode::none;
    /// The same batch, appended before.
    std::optional<ProducerBatch> duplicate;
  };

  /// May `batch` be appended? Batches without a producer id always may. Whether a transaction may
  /// begin is for TransactionVerification to say.
  Verdict check(const record::BatchHeader& batch) const;
  /// The same for a batch that a coordinator writes in a producer's name: without sequences.
  wire::ErrorCode check_fenced(const record::BatchHeader& batch) const;
  wire::ErrorCode check_marker(const MarkerEpochs& marker) const;

  /// Takes a batch that was appended (or found by recovery) at its offsets; `marker` when it is a
  /// control batch that ends a transaction. Refuses nothing.
  TransactionChange record(const record::BatchHeader& batch,
                           const std::optional<record::EndTransactionMarker>& marker,
                           TimestampMs now);

  /// Forgets who has been silent for so long; never one with an open transaction.
  void expire(TimestampMs now, std::int64_t expiration_ms);
  void insert(ProducerId id, const ProducerEntry& entry);

  const ProducerEntry* find(ProducerId id) const;
  /// Where the open transactions begin.
  const std::set<Offset>& open_transactions() const { return open_; }
  std::size_t size() const { return producers_.size(); }
  /// Sorted by id, so that what is written from it is the same for the same state.
  std::vector<std::pair<ProducerId, ProducerEntry>> entries() const;

 private:
  TransactionChange end_transaction(ProducerEntry& entry, const record::BatchHeader& batch,
                                    const record::EndTransactionMarker& marker);
  void make_room();

  std::unordered_map<ProducerId, ProducerEntry> producers_;
  std::set<Offset> open_;
};

}  // namespace horolog::storage
