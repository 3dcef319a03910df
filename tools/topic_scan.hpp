#pragma once

#include <functional>
#include <string>

#include "horolog/record.hpp"
#include "tools/context.hpp"

namespace horolog::command {

/// Hands every committed record of a topic from `since` on (no_timestamp: all), up to the end as it
/// is now, to `each`; the view is valid during the call. In order within a partition.
/// Errc::not_found when there is no such topic.
Status scan_topic(const Context& context, const std::string& topic, TimestampMs since,
                  const std::function<void(const RecordView&)>& each);

}  // namespace horolog::command
