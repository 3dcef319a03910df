#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "scheduler/records.hpp"
#include "scheduler/run_record.hpp"

namespace horolog::scheduler {

/// A record for a target topic.
struct Fire {
  std::string topic;
  std::optional<PartitionIndex> partition;
  OutRecord record;
  /// Whose it is: a record without a key goes where its schedule's name hashes to.
  std::string schedule;
  TimestampMs due_ms = 0;
};

/// A command on its way to the partition that decides about it.
struct Forward {
  PartitionIndex partition = 0;
  OutRecord record;
};

/// What one transaction of a partition writes. Nothing of it is true before it is committed; then
/// the state records are replayed, and that is all that changes in memory.
struct Transaction {
  std::vector<Fire> fires;
  std::vector<OutRecord> state;
  std::vector<RunRecord> runs;
  std::vector<Forward> forwards;
  /// The next command, for TxnOffsetCommit: the fence, not the truth (that is in `state`).
  Offset next_command = 0;

  bool empty() const { return state.empty(); }
};

}  // namespace horolog::scheduler
