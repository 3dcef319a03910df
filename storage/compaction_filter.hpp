#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "record/record.hpp"
#include "storage/compaction_key_map.hpp"
#include "storage/compaction_transactions.hpp"

namespace horolog::storage {

/// Where a live producer stands: its last batch must survive, so that a recovery from the log alone
/// knows its epoch and sequence.
struct LiveProducer {
  ProducerEpoch epoch = -1;
  Offset last_offset =
      no_offset;  ///< of its last data batch; no_offset when only a marker is known
};
using LiveProducers = std::unordered_map<ProducerId, LiveProducer>;

/// What one round of compaction goes by.
struct RetainRule {
  const KeyMap* keys = nullptr;
  const KeyHasher* hasher = nullptr;
  /// The map says which records below are superseded; those at or above it all stay.
  Offset mapped_end = 0;
  /// The end of the round: the batch that reaches it stays, if only as a header, so that the log's
  /// end can be told from its files.
  Offset round_end = 0;
  TimestampMs now = 0;
  std::int64_t delete_retention_ms = 0;
  LiveProducers producers;
};

/// Decides batch by batch, in the order of offsets, what of a log stays (KIP-534 for tombstones and
/// markers). A record stays when it is the last of its key and no tombstone whose horizon has
/// passed; aborted data goes; a marker goes when its data has gone and its horizon has passed. The
/// horizon is set, in the batch itself, by the first round that finds a tombstone or such a marker.
/// Base and last offset, sequence and epochs of a batch never change. One thread at a time.
class BatchFilter {
 public:
  struct Counters {
    std::uint64_t records_read = 0;
    std::uint64_t records_kept = 0;
    std::uint64_t batches_rewritten = 0;
  };

  /// `rule` must outlive the filter.
  BatchFilter(const RetainRule& rule, std::vector<TransactionIndexEntry> aborted)
      : rule_(rule), transactions_(std::move(aborted)) {}

  /// Appends to `out` what is left of the batch: its own bytes where nothing is lost, a new batch,
  /// or nothing. Errors: the batch does not decode, or its CRC is wrong.
  Status filter(const record::BatchView& batch, ByteBuffer& out);

  /// The aborted transactions that ended since the last call and of which batches were seen: the
  /// transaction index of what was written has to name them.
  std::vector<TransactionIndexEntry> take_aborted() { return std::exchange(aborted_, {}); }
  const Counters& counters() const { return counters_; }

 private:
  Status filter_data(const record::BatchView& batch, ByteBuffer& out);
  Status filter_marker(const record::BatchView& batch, ByteBuffer& out);
  Status rewrite(const record::BatchView& batch, std::optional<TimestampMs> horizon,
                 ByteBuffer& out);
  bool stays(const record::BatchView& batch, const record::RecordView& record) const;
  bool must_stay(const record::BatchView& batch) const;
  void keep(const record::BatchView& batch, ByteBuffer& out);
  void keep_header(const record::BatchView& batch, ByteBuffer& out);

  const RetainRule& rule_;
  TransactionTracker transactions_;
  std::vector<TransactionIndexEntry> aborted_;
  Counters counters_;
  ByteBuffer scratch_;
  ByteBuffer records_;
  std::vector<bool> kept_;
};

}  // namespace horolog::storage
