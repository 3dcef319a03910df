#include "tools/partition_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr std::int64_t most_partitions = 100'000;

std::optional<std::int64_t> partition_number(std::string_view text) {
  const auto number = parse_integer(text);
  const bool good = number && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max();
  return good ? number : std::nullopt;
}

}  // namespace

bool PartitionSelection::contains(PartitionIndex partition) const {
  return partitions.empty() || std::binary_search(partitions.begin(), partitions.end(), partition);
}

Result<PartitionSelection> parse_selection(std::string_view text) {
  PartitionSelection selection;
  const std::size_t colon = text.find(':');
  selection.topic = text.substr(0, colon);
  const auto wrong = [&] {
    return Error(Errc::invalid_argument,
                 fmt::format("'{}' is no topic with partitions: write it like orders:0,2-4", text));
  };
  if (selection.topic.empty()) return wrong();
  if (colon == std::string_view::npos) return selection;
  for (const std::string_view part : split(text.substr(colon + 1), ',')) {
    const std::size_t dash = part.find('-');
    const auto first = partition_number(part.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : partition_number(part.substr(dash + 1));
    if (!first || !last || *last < *first || *last - *first > most_partitions) return wrong();
    for (std::int64_t i = *first; i <= *last; ++i) {
      selection.partitions.push_back(static_cast<PartitionIndex>(i));
    }
  }
  std::sort(selection.partitions.begin(), selection.partitions.end());
  const auto same = std::unique(selection.partitions.begin(), selection.partitions.end());
  selection.partitions.erase(same, selection.partitions.end());
  return selection;
}

}  // namespace horolog::command
