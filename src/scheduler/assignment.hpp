#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::scheduler {

using Partitions = std::set<PartitionIndex>;

/// Spreads `partitions` over the members, evenly to within one. What a member has it keeps as far
/// as that allows. Where two say that they have the same, the first in order keeps it. Pure.
std::map<std::string, Partitions> assign(const std::map<std::string, Partitions>& owned,
                                         std::int32_t partitions);

// What members of a consumer group tell each other, in Kafka's consumer protocol, so that every
// tool shows the schedulers' group as it shows others.

ByteBuffer encode_subscription(const Partitions& owned);
Result<Partitions> decode_subscription(ByteView bytes);
ByteBuffer encode_assignment(const Partitions& assigned);
Result<Partitions> decode_assignment(ByteView bytes);

}  // namespace horolog::scheduler
