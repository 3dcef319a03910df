#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "horolog/types.hpp"

namespace horolog {

/// An offset to be committed with a transaction: the next record that the group is to read.
struct OffsetToCommit {
  TopicPartition partition{};
  Offset offset = no_offset;
  /// Of the record before, where the consumer knows it; -1: not known.
  LeaderEpoch leader_epoch = -1;
  std::string metadata{};

  bool operator==(const OffsetToCommit&) const = default;
};

/// Where a transactional producer stands.
enum class TransactionState : std::uint8_t {
  uninitialized,    ///< init_transactions() comes first
  ready,            ///< between transactions
  open,             ///< begun: records and offsets may be sent
  must_abort,       ///< something in the open transaction failed: only abort_transaction() is left
  fenced,           ///< another producer with this transactional id has taken over
  unknown_outcome,  ///< a commit was sent and no answer came in time: it may have happened or not
  failed,           ///< the coordinator refuses this producer; the error says why
};

/// "must_abort", as it stands in log lines.
std::string_view to_string(TransactionState state);

}  // namespace horolog
