#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "broker/context.hpp"
#include "broker/flusher.hpp"
#include "broker/partition.hpp"
#include "horolog/types.hpp"
#include "net/shard.hpp"
#include "protocol/error_code.hpp"
#include "storage/partition_log.hpp"

namespace horolog::broker {

/// Markers that are written one after the other and synced together: the last one asks for the
/// sync. Any thread.
class MarkerGroup {
 public:
  MarkerGroup(Flusher& flusher, std::size_t markers) : flusher_(flusher), left_(markers) {}
  /// One of them is in its log, or never will be.
  void settle_one() {
    if (left_.fetch_sub(1) == 1) flusher_.hurry_all();
  }

 private:
  Flusher& flusher_;
  std::atomic<std::size_t> left_;
};

/// Calls back when a marker's partition is durable up to `end`: by a sync at once, or by that of
/// the group.
void await_marker(Partition& partition, Offset end, net::Shard& shard, bool in_group,
                  Partition::DurableCallback done);

/// Writes the marker that ends a producer's transaction into a partition: into a data partition
/// directly, into one of __consumer_offsets through its group coordinator. Any thread.
///
/// `done` runs once on `shard`, through a post: with NONE when the marker is durable, also where
/// the durability of the topic is `os` (a lost marker would leave the transaction open for ever);
/// else UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
/// COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE (of the group), KAFKA_STORAGE_ERROR.
///
/// The sync is asked for at once, or with `together` when the last marker of the group is written:
/// then one group commit makes all of them durable.
void write_marker(Context& context, const TopicPartition& id,
                  const storage::TransactionMarker& marker, net::Shard& shard,
                  std::function<void(wire::ErrorCode)> done,
                  const std::shared_ptr<MarkerGroup>& together = nullptr);

}  // namespace horolog::broker
