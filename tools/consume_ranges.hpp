#pragma once

#include <string>
#include <vector>

#include "tools/consume_options.hpp"

namespace horolog::command {

/// What of a partition is to be printed.
struct ConsumeRange {
  TopicPartition id;
  Offset from = 0;
  Offset until = no_offset;  ///< exclusive; no_offset: without end
  FormatContext bounds{};    ///< of its log, now
};

/// What a run of `consume` reads.
struct ConsumePlan {
  std::vector<std::string> topics;   ///< for a group
  std::vector<ConsumeRange> ranges;  ///< without one
  /// What had to be moved into what the log has.
  std::vector<std::string> notes;
};

/// Asks the cluster where each partition that the words and flags name begins and ends.
/// Errc::not_found names the topic that does not exist and the nearest.
Result<ConsumePlan> plan_consume(const Context& context, const ConsumeRequest& request);

}  // namespace horolog::command
