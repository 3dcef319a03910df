#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/error_code.hpp"
#include "record/batch.hpp"

namespace horolog::storage {

/// A batch that a producer appended, as far as a retry of it has to be recognised.
struct ProducerBatch {
  std::int32_t last_sequence = -1;
  std::int32_t offset_delta = 0;  ///< last offset - first offset
  Offset last_offset = no_offset;
  TimestampMs timestamp = no_timestamp;  ///< the batch's largest

  std::int32_t first_sequence() const;
  Offset first_offset() const { return last_offset - offset_delta; }
  bool operator==(const ProducerBatch&) const = default;
};

/// What a partition remembers of one idempotent producer (KIP-98): its epoch and last five batches.
struct ProducerEntry {
  static constexpr std::size_t max_batches = 5;

  ProducerEpoch epoch = -1;
  std::uint8_t batch_count = 0;
  std::array<ProducerBatch, max_batches> batches{};  ///< oldest first
  /// When it last appended, by the broker's clock; what expiry goes by.
  TimestampMs last_append_ms = 0;

  const ProducerBatch* last() const { return batch_count ? &batches[batch_count - 1] : nullptr; }
  void push(const ProducerBatch& batch);
  bool operator==(const ProducerEntry&) const = default;
};

/// The producers of one partition: sequence checks, duplicates, fencing. Not thread-safe (it lives
/// under the append mutex). Batches of transactions and markers are taken like any other for now:
/// no transactional id is served.
class ProducerState {
 public:
  struct Verdict {
    wire::ErrorCode error = wire::ErrorCode::none;
    /// The same batch, appended before.
    std::optional<ProducerBatch> duplicate;
  };

  /// May `batch` be appended? Batches without a producer id always may.
  Verdict check(const record::BatchHeader& batch) const;
  /// Takes a batch that was appended (or found by recovery) at its offsets.
  void record(const record::BatchHeader& batch, TimestampMs now);

  void expire(TimestampMs now, std::int64_t expiration_ms);
  void insert(ProducerId id, const ProducerEntry& entry) { producers_[id] = entry; }
  void clear() { producers_.clear(); }

  std::size_t size() const { return producers_.size(); }
  /// Sorted by id, so that what is written from it is the same for the same state.
  std::vector<std::pair<ProducerId, ProducerEntry>> entries() const;

 private:
  void make_room();

  std::unordered_map<ProducerId, ProducerEntry> producers_;
};

}  // namespace horolog::storage
