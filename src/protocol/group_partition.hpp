#pragma once

#include <cstdint>
#include <string_view>

#include "horolog/types.hpp"

namespace horolog::wire {

/// Java's String.hashCode of UTF-8 text: over UTF-16 code units, so a character outside the basic
/// plane counts as two. Bytes that are no UTF-8 count as U+FFFD, as Java decodes them.
std::int32_t java_string_hash(std::string_view utf8);

/// The partition of __consumer_offsets that owns a group, as Apache Kafka computes it: the absolute
/// value of the hash (0 for the one that has none) modulo the partitions. A Kafka that opens our
/// files looks for the group there.
PartitionIndex partition_of_group(std::string_view group_id, PartitionIndex partitions);

}  // namespace horolog::wire
