#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "record/builder.hpp"
#include "scheduler/transaction.hpp"

namespace horolog::scheduler {

/// What one partition gets in a transaction, cut into batches.
struct PartitionBatches {
  struct One {
    std::int32_t records = 0;
    /// Built when its sequence is known.
    std::vector<const OutRecord*> content;
  };
  std::vector<One> batches;
};
using BatchPlan = std::map<TopicPartition, PartitionBatches>;

/// What a topic has room for.
struct TopicRoom {
  std::int32_t partitions = 0;
  /// Of one batch, with its header.
  std::size_t batch_bytes = 0;
  bool needs_keys = false;  ///< it is compacted
};
/// Errors: the target cannot be written to.
using FindRoom = std::function<Result<TopicRoom>(const std::string& topic)>;

/// Why a target with this room never takes the fire, not even alone; nullopt: it does.
std::optional<std::string> why_refused(const Fire& fire, const TopicRoom& room);

/// Not less than the bytes of a batch that holds only this record.
std::size_t batch_bytes_of(const OutRecord& record);

/// A target that the transaction cannot be written to.
struct BadTarget {
  std::string topic;
  Error error;
};

/// Lays a transaction out over partitions. Borrows its records; `runs` holds those it makes.
/// Nothing when a target is unknown or lacks the partition: `bad` says which.
std::optional<BatchPlan> plan_batches(const Transaction& transaction, PartitionIndex partition,
                                      const FindRoom& find_room, std::vector<OutRecord>& runs,
                                      std::optional<BadTarget>& bad);

/// The bytes of one batch. Errors are the codec's.
Result<ByteBuffer> build_batch(const PartitionBatches::One& batch,
                               const record::BatchOptions& options, TimestampMs now);

}  // namespace horolog::scheduler
