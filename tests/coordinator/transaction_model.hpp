#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/transaction_coordinator.hpp"

// What the random histories of transactions are made of: partitions and producers.

namespace horolog::coordinator::testing {

/// What a transaction wrote bears its label.
using Label = int;

/// One partition as a log would keep it, as far as transactions go. What is written is durable.
struct ModelPartition {
  std::map<ProducerId, ProducerEpoch> epochs;
  std::map<ProducerId, std::vector<Label>> open;
  std::multiset<Label> committed;
  std::multiset<Label> aborted;

  bool append(ProducerId producer, ProducerEpoch epoch, Label label) {
    const auto [seen, added] = epochs.try_emplace(producer, epoch);
    if (epoch < seen->second) return false;
    seen->second = epoch;
    open[producer].push_back(label);
    return true;
  }
  void mark(ProducerId producer, ProducerEpoch epoch, bool commit, TransactionVersion version) {
    const auto [seen, added] = epochs.try_emplace(producer, epoch);
    if (epoch < seen->second) return;
    // What is open is the next transaction's: a late repetition does not concern it.
    const bool repeated = version >= 2 && epoch == seen->second;
    if (repeated && open.contains(producer)) return;
    seen->second = epoch;
    const auto ended = open.extract(producer);
    if (ended.empty()) return;
    (commit ? committed : aborted).insert(ended.mapped().begin(), ended.mapped().end());
  }
};

/// A producer as a client library runs it: one request at a time.
struct Client {
  std::string id;
  TransactionVersion version = 0;
  std::optional<TransactionalProducer> producer;
  Label label = 0;
  int written = 0;        ///< acknowledged batches of this transaction
  bool appended = false;  ///< the batch is in, its acknowledgement is not
  enum class Asked : std::uint8_t { nothing, init, add, end } asked = Asked::nothing;
  Token token = 0;
  TopicPartition adding;
  bool commit = false;
};

struct Outcome {
  std::optional<bool> committed;  ///< what its client was told
  int written = 0;
};

}  // namespace horolog::coordinator::testing
