#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "storage/partition_log.hpp"

/// The simplest thing that knows what a partition with transactions looks like: every batch that
/// was ever appended, and everything else derived from them, each time from the beginning.
namespace horolog::test {

struct ReferenceBatch {
  enum class Kind { plain, transactional, commit, abort };
  Kind kind = Kind::plain;
  Offset base = 0;
  int records = 1;
  ProducerId producer = no_producer_id;
  ProducerEpoch epoch = -1;
  std::int32_t sequence = -1;
  std::int32_t coordinator_epoch = -1;

  Offset next() const { return base + records; }
  bool marker() const { return kind == Kind::commit || kind == Kind::abort; }
};

struct ReferenceProducer {
  ProducerEpoch epoch = -1;
  std::int32_t last_sequence = -1;
  std::int32_t coordinator_epoch = -1;
  Offset transaction_start = no_offset;
};

struct EndedTransaction {
  ProducerId producer = no_producer_id;
  Offset first = 0;
  Offset marker = 0;
  bool aborted = false;
};

class TransactionReference {
 public:
  using Kind = ReferenceBatch::Kind;

  std::vector<ReferenceBatch> batches;

  Offset end() const { return batches.empty() ? 0 : batches.back().next(); }
  /// A crash took what lies above.
  void truncate(Offset end) {
    while (!batches.empty() && batches.back().base >= end) batches.pop_back();
  }

  std::map<ProducerId, ReferenceProducer> producers() const {
    std::map<ProducerId, ReferenceProducer> all;
    for (const ReferenceBatch& batch : batches) {
      if (batch.producer == no_producer_id) continue;
      ReferenceProducer& producer = all[batch.producer];
      if (producer.epoch != batch.epoch) producer.last_sequence = -1;
      producer.epoch = batch.epoch;
      if (batch.marker()) {
        producer.coordinator_epoch = batch.coordinator_epoch;
        producer.transaction_start = no_offset;
        continue;
      }
      producer.last_sequence = batch.sequence + batch.records - 1;
      const bool begins = batch.kind == Kind::transactional &&
                          producer.transaction_start == no_offset;
      if (begins) producer.transaction_start = batch.base;
    }
    return all;
  }

  std::vector<EndedTransaction> ended() const {
    std::vector<EndedTransaction> all;
    std::map<ProducerId, Offset> open;
    for (const ReferenceBatch& batch : batches) {
      if (batch.kind == Kind::transactional) open.emplace(batch.producer, batch.base);
      const auto found = open.find(batch.producer);
      if (!batch.marker() || found == open.end()) continue;
      all.push_back({.producer = batch.producer,
                     .first = found->second,
                     .marker = batch.base,
                     .aborted = batch.kind == Kind::abort});
      open.erase(found);
    }
    return all;
  }

  Offset last_stable(Offset high_watermark, Offset log_start) const {
    Offset stable = high_watermark;
    for (const auto& [id, producer] : producers()) {
      if (producer.transaction_start != no_offset) {
        stable = std::min(stable, producer.transaction_start);
      }
    }
    for (const EndedTransaction& transaction : ended()) {
      if (transaction.marker >= high_watermark) stable = std::min(stable, transaction.first);
    }
    return std::max(stable, log_start);
  }

  std::vector<storage::AbortedTransaction> aborted(Offset from, Offset to) const {
    std::vector<storage::AbortedTransaction> found;
    for (const EndedTransaction& transaction : ended()) {
      if (transaction.aborted && transaction.first < to && transaction.marker >= from) {
        found.push_back({.producer_id = transaction.producer, .first_offset = transaction.first});
      }
    }
    return found;
  }

  /// Base offsets of the batches in [from, to) that a consumer of committed records is given.
  std::vector<Offset> committed(Offset from, Offset to) const {
    std::vector<Offset> visible;
    if (from >= to) return visible;
    const std::vector<EndedTransaction> decided = ended();
    for (const ReferenceBatch& batch : batches) {
      if (batch.next() <= from || batch.base >= to || batch.marker()) continue;
      const auto belongs = [&](const EndedTransaction& transaction) {
        return transaction.producer == batch.producer && transaction.first <= batch.base &&
               batch.base < transaction.marker;
      };
      const auto found = std::find_if(decided.begin(), decided.end(), belongs);
      const bool shown = batch.kind == Kind::plain || (found != decided.end() && !found->aborted);
      if (shown) visible.push_back(batch.base);
    }
    return visible;
  }
};

}  // namespace horolog::test
