#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "horolog/types.hpp"
#include "storage/meta_properties.hpp"

/// What a new data directory starts with, as `kafka-storage format` and the first start of Apache
/// Kafka 4.3.1 leave it.
namespace horolog::storage {

/// The leader epoch of the metadata log: one node leads it from the start.
inline constexpr LeaderEpoch metadata_log_epoch = 1;

/// bootstrap.checkpoint: a snapshot that holds the feature levels.
ByteBuffer bootstrap_checkpoint(TimestampMs now);
/// The first segment of __cluster_metadata-0: LeaderChange, the bootstrap transaction, and the
/// registration of this node as controller and broker. Endpoints are placeholders: nobody reads
/// them here, and a broker registers again when it starts.
ByteBuffer bootstrap_log(const MetaProperties& meta, TimestampMs now);
std::string quorum_state(std::int32_t node_id);

}  // namespace horolog::storage
