#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"

/// Committed offsets as text, compatible with kafka-consumer-groups both ways: lines
/// `topic,partition,offset` or `group,topic,partition,offset`. rpk's form with blanks or tabs
/// between the same fields is read too. Pure.
namespace horolog::command {

struct CsvOffset {
  std::string group;  ///< empty in the form for one group
  TopicPartition partition;
  Offset offset = 0;
  bool operator==(const CsvOffset&) const = default;
};

/// The error names the line. `path` is for messages.
Result<std::vector<CsvOffset>> parse_offsets_csv(std::string_view text, const std::string& path);
std::string format_offsets_csv(const std::vector<CsvOffset>& offsets);

}  // namespace horolog::command
