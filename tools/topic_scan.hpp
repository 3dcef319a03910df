#pragma once

#include <functional>
#include <map>
#include <string>

#include "horolog/record.hpp"
#include "tools/context.hpp"

namespace horolog::command {

/// Where a scan begins: at a time (no_timestamp: at the start), but for the partitions named.
struct ScanFrom {
  TimestampMs since = no_timestamp;
  std::map<TopicPartition, Offset> offsets{};
};

/// Hands every committed record of a topic, up to the end as it is now, to `each`; the view is
/// valid during the call. In order within a partition. Errc::not_found: there is no such topic.
Status scan_topic(const Context& context, const std::string& topic, const ScanFrom& from,
                  const std::function<void(const RecordView&)>& each);

}  // namespace horolog::command
