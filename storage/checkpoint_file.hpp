#pragma once

#include <map>
#include <string>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::storage {

/// Offsets by partition, as Kafka's checkpoint files at the top of a data directory hold them:
///
///     0                          version
///     2                          number of lines that follow
///     orders 0 1500              topic partition offset
///     orders 1 72
using PartitionOffsets = std::map<TopicPartition, Offset>;

std::string format_checkpoint(const PartitionOffsets& offsets);
/// An empty file holds nothing (Kafka makes them so). `path` is for messages. Errc::corrupt names
/// the line.
Result<PartitionOffsets> parse_checkpoint(ByteView text, const std::string& path);

}  // namespace horolog::storage
