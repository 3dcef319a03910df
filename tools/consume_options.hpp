#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/context.hpp"
#include "tools/field_scanner.hpp"
#include "tools/offset_spec.hpp"
#include "tools/record_format.hpp"

namespace horolog::command {

/// What the flags of `consume` ask for, checked as far as that goes without a cluster.
struct ConsumeRequest {
  bool json = false;
  RecordTemplate pieces;  ///< when not json
  std::optional<BytePattern> grep;
  std::optional<BytePattern> filter_key;
  OffsetRange range;
  std::vector<PartitionIndex> partitions;  ///< sorted; empty: all
  std::string group;
  bool exit_at_end = false;
  std::int64_t max = -1;         ///< -1: no end
  std::int64_t timeout_ms = -1;  ///< -1: waits for ever
  bool committed = false;  ///< isolation.level read_committed
};

Result<ConsumeRequest> read_consume_request(Context& context);

/// "key", "key,value" or Kafka's "print.key=true": a template with what was named between tabs.
Result<std::string> template_for_print(const std::vector<std::string>& words);

}  // namespace horolog::command
