#pragma once

#include <functional>

#include "broker/context.hpp"
#include "horolog/types.hpp"
#include "net/shard.hpp"
#include "protocol/error_code.hpp"
#include "storage/partition_log.hpp"

namespace horolog::broker {

/// Writes the marker that ends a producer's transaction into a partition: into a data partition
/// directly, into one of __consumer_offsets through its group coordinator. Any thread.
///
/// `done` runs once on `shard`, through a post: with NONE when the marker is durable, also where
/// the durability of the topic is `os` (a lost marker would leave the transaction open for ever);
/// else UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
/// COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE (of the group), KAFKA_STORAGE_ERROR.
void write_marker(Context& context, const TopicPartition& id,
                  const storage::TransactionMarker& marker, net::Shard& shard,
                  std::function<void(wire::ErrorCode)> done);

}  // namespace horolog::broker
