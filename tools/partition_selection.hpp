#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::command {

/// "orders", or "orders:0,2-4": a topic and, perhaps, some of its partitions. Both ends count.
struct PartitionSelection {
  std::string topic;
  std::vector<PartitionIndex> partitions;  ///< sorted; empty for all

  bool contains(PartitionIndex partition) const;
};

Result<PartitionSelection> parse_selection(std::string_view text);

}  // namespace horolog::command
