#include "tools/offsets_csv.hpp"

#include <fmt/format.h>

#include <limits>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

/// Commas, or blanks and tabs; quotes around a field are taken off (Kafka writes none).
std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  if (line.find(',') != std::string_view::npos) {
    fields = split(line, ',');
  } else {
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
      fields.push_back(line.substr(at, end - at));
      at = end;
    }
  }
  for (std::string_view& field : fields) {
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = field.substr(1, field.size() - 2);
    }
  }
  return fields;
}

}  // namespace

Result<std::vector<CsvOffset>> parse_offsets_csv(std::string_view text, const std::string& path) {
  std::vector<CsvOffset> offsets;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line[0] == '#') continue;
    const auto fields = fields_of(line);
    const std::size_t first = fields.size() == 4 ? 1 : 0;
    const auto partition = fields.size() > first + 1 ? parse_integer(fields[first + 1])
                                                     : std::nullopt;
    const auto offset = fields.size() == first + 3 ? parse_integer(fields[first + 2])
                                                   : std::nullopt;
    // A heading, as other tools put one: no number stands in it.
    if (number == 1 && !partition && !offset && fields.size() >= 3) continue;
    if (!partition || !offset || *partition < 0 || *offset < 0 ||
        *partition > std::numeric_limits<std::int32_t>::max() || fields[first].empty()) {
      return Error(Errc::invalid_argument,
                   fmt::format("{}:{}: '{}' is not [group,]topic,partition,offset", path, number,
                               line));
    }
    offsets.push_back({first == 1 ? std::string(fields[0]) : "",
                       {std::string(fields[first]), static_cast<PartitionIndex>(*partition)},
                       *offset});
  }
  return offsets;
}

std::string format_offsets_csv(const std::vector<CsvOffset>& offsets) {
  std::string out;
  for (const CsvOffset& row : offsets) {
    if (!row.group.empty()) out += row.group + ",";
    out += fmt::format("{},{},{}\n", row.partition.topic, row.partition.partition, row.offset);
  }
  return out;
}

}  // namespace horolog::command
