#pragma once

#include <functional>

#include "horolog/error.hpp"
#include "horolog/record.hpp"
#include "horolog/types.hpp"

namespace horolog {

/// Where a record came to lie.
struct Position {
  PartitionIndex partition = 0;
  /// no_offset when the broker has the record and did not say where: with acks=0, or when the
  /// answer to an earlier attempt was lost long ago.
  Offset offset = no_offset;
  /// As stored: the record's own, or the broker's where the topic has it so.
  TimestampMs timestamp = no_timestamp;
};

/// Told once what became of a record, on the client's own thread: do not wait in it for anything
/// that this client does. Small captures (two pointers) are kept without an allocation.
using DeliveryCallback = std::function<void(const Result<Position>&)>;

/// Told once how an operation ended, on the client's own thread.
using DoneCallback = std::function<void(Status)>;

/// Chooses the partition of a record that names none: 0 … partitions − 1. Called in the thread that
/// sends, by one thread at a time; must not call the producer.
using Partitioner =
    std::function<PartitionIndex(const OutgoingRecord& record, PartitionIndex partitions)>;

}  // namespace horolog
