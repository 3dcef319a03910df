#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "client/cluster.hpp"
#include "horolog/consumer_options.hpp"
#include "horolog/error.hpp"

namespace horolog::client {

/// ListOffsets' special times.
inline constexpr TimestampMs time_latest = -1;
inline constexpr TimestampMs time_earliest = -2;

using FoundOffsets = std::map<TopicPartition, OffsetAtTime>;

/// Looks up an offset by time in each partition: one request per leader, again through errors that
/// pass, until `timeout_ns` (0: request_timeout) is over. The offset is no_offset where no record
/// is as late. Of a time_latest, `isolation` decides which end is meant. On the loop's thread, like
/// `done`.
void look_up_offsets(std::shared_ptr<Cluster> cluster, std::map<TopicPartition, TimestampMs> times,
                     Isolation isolation, MonoNs timeout_ns,
                     std::function<void(Result<FoundOffsets>)> done);

/// The group's committed offsets of these partitions; those without one are missing. Waits for open
/// transactions that would change them (KIP-447). Otherwise as above.
void fetch_committed(std::shared_ptr<Cluster> cluster, std::string group,
                     std::vector<TopicPartition> partitions, MonoNs timeout_ns,
                     std::function<void(Result<Offsets>)> done);

}  // namespace horolog::client
