#include "tools/task_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace horolog::command {
namespace {

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

std::string variable_of(std::string_view header) {
  std::string name = "HOROLOG_TASK_HEADER_";
  for (const char c : header) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return name;
}

}  // namespace

std::vector<std::string> task_environment(const RecordView& record, const std::string& fire_id,
                                          std::int64_t attempt) {
  std::vector<std::string> out{
      fmt::format("HOROLOG_TASK_TOPIC={}", record.topic),
      fmt::format("HOROLOG_TASK_PARTITION={}", record.partition),
      fmt::format("HOROLOG_TASK_OFFSET={}", record.offset),
      fmt::format("HOROLOG_TASK_FIRE_ID={}", until_nul(fire_id)),
      fmt::format("HOROLOG_TASK_ATTEMPT={}", attempt)};
  if (!record.key.is_null())
    out.push_back(fmt::format("HOROLOG_TASK_KEY={}",
                              until_nul(record.key.text()).substr(0, longest_header_value)));
  std::set<std::string> seen;
  std::size_t bytes = 0;
  for (const HeaderView& header : record.headers) {
    std::string name = variable_of(header.key.substr(0, longest_header_value));
    const std::string_view value =
        until_nul(header.value.text()).substr(0, longest_header_value);
    bytes += name.size() + value.size();
    if (header.value.is_null() || bytes > most_header_bytes || !seen.insert(name).second) continue;
    out.push_back(fmt::format("{}={}", name, value));
  }
  return out;
}

}  // namespace horolog::command
