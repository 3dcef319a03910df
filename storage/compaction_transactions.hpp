#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "horolog/types.hpp"
#include "record/batch.hpp"
#include "storage/transaction_index.hpp"

namespace horolog::storage {

/// Knows, while the batches of a log go by in the order of their offsets, which belong to aborted
/// transactions and which markers nothing belongs to any more. One thread at a time.
class TransactionTracker {
 public:
  /// All aborted transactions that overlap the range that will be walked.
  explicit TransactionTracker(std::vector<TransactionIndexEntry> aborted);

  /// A data batch. True: it belongs to an aborted transaction, and its records may go.
  bool on_data(const record::BatchView& batch);
  /// A control batch. True: no batch of its transaction was seen, so that the marker may go as
  /// well. The entry of an aborted transaction of which batches were seen is added to
  /// `still_needed`.
  bool on_marker(const record::BatchView& batch, std::vector<TransactionIndexEntry>& still_needed);

 private:
  void begin_up_to(Offset offset);

  struct Open {
    TransactionIndexEntry entry;
    bool seen = false;  ///< a data batch of it
  };
  std::vector<TransactionIndexEntry> aborted_;  ///< by first offset
  std::size_t next_ = 0;
  std::unordered_map<ProducerId, Open> open_aborted_;
  std::unordered_set<ProducerId> open_committed_;
};

}  // namespace horolog::storage
