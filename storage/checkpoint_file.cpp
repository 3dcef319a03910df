#include "storage/checkpoint_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <optional>

namespace horolog::storage {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "topic partition offset"
bool parse_line(std::string_view line, PartitionOffsets& out) {
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return false;
  const auto partition = number<PartitionIndex>(line.substr(first + 1, second - first - 1));
  const auto offset = number<Offset>(line.substr(second + 1));
  if (first == 0 || !partition || !offset || *partition < 0 || *offset < 0) return false;
  TopicPartition id{std::string(line.substr(0, first)), *partition};
  return out.emplace(std::move(id), *offset).second;
}

}  // namespace

std::string format_checkpoint(const PartitionOffsets& offsets) {
  std::string out;
  fmt::format_to(std::back_inserter(out), "0\n{}\n", offsets.size());
  for (const auto& [id, offset] : offsets) {
    fmt::format_to(std::back_inserter(out), "{} {} {}\n", id.topic, id.partition, offset);
  }
  return out;
}

Result<PartitionOffsets> parse_checkpoint(ByteView text, const std::string& path) {
  PartitionOffsets out;
  std::string_view rest = as_text(text);
  if (rest.empty()) return out;
  const auto damaged = [&](std::size_t line) {
    return Error(Errc::corrupt,
                 fmt::format("{} is damaged at line {}: restore it, or remove it to have every log "
                             "checked from its start",
                             path, line));
  };
  const auto version = number<int>(take_line(rest));
  if (!version) return damaged(1);
  if (*version != 0) {
    return Error(Errc::unsupported,
                 fmt::format("{} has version {}, this program reads version 0", path, *version));
  }
  const auto count = number<std::size_t>(take_line(rest));
  if (!count) return damaged(2);
  for (std::size_t i = 0; i < *count; ++i) {
    if (!parse_line(take_line(rest), out)) return damaged(i + 3);
  }
  if (!rest.empty()) return damaged(*count + 3);
  return out;
}

}  // namespace horolog::storage
