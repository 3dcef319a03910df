#include "tools/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/nearest_name.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr SettingRow rows[] = {
    {"bootstrap.servers", "localhost:9092", "HOROLOG_BOOTSTRAP_SERVERS",
     "where to find the cluster: HOST:PORT[,HOST:PORT…]"},
    {"client.id", "horolog", "HOROLOG_CLIENT_ID", "the name that brokers log"},
    {"request.timeout.ms", "30000", "HOROLOG_REQUEST_TIMEOUT_MS",
     "how long an answer may take, in milliseconds"},
    {"connect.timeout.ms", "5000", "HOROLOG_CONNECT_TIMEOUT_MS",
     "how long a connection may take, in milliseconds"},
    {"output", "table", "HOROLOG_OUTPUT", "table, wide, json, jsonl, csv, yaml or name"},
    {"color", "auto", "HOROLOG_COLOR", "auto, always or never"},
};

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_secret_transport(std::string_view name) {
  return name == "security.protocol" || name.starts_with("sasl.") || name.starts_with("ssl.");
}

}  // namespace

std::span<const SettingRow> client_settings() { return rows; }

ClientSettings::ClientSettings() {
  for (const SettingRow& row : rows) {
    values_[std::string(row.name)] = {std::string(row.fallback), "default"};
  }
}

const SettingValue& ClientSettings::get(std::string_view name) const {
  const auto found = values_.find(name);
  HOROLOG_ASSERT(found != values_.end());
  return found->second;
}

std::int64_t ClientSettings::integer(std::string_view name) const {
  return parse_integer(text(name)).value_or(0);
}

Status ClientSettings::set(std::string_view name, std::string_view value, std::string source) {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    std::vector<std::string_view> known;
    for (const SettingRow& row : rows) known.push_back(row.name);
    const auto near = nearest_name(name, known);
    return Error(Errc::invalid_argument,
                 fmt::format("{}: unknown setting '{}'{}", source, name,
                             near ? fmt::format(": did you mean '{}'?", *near) : ""));
  }
  if (name.ends_with(".ms")) {
    const auto number = parse_integer(value);
    if (!number || *number <= 0) {
      return Error(Errc::invalid_argument,
                   fmt::format("{}: {}: '{}' is no number of milliseconds", source, name, value));
    }
  }
  if (value.empty()) {
    return Error(Errc::invalid_argument, fmt::format("{}: {} has no value", source, name));
  }
  found->second = {std::string(value), std::move(source)};
  return {};
}

Result<std::vector<std::string>> ClientSettings::read_file(std::string_view text,
                                                           const std::string& path, bool lenient) {
  std::vector<std::string> passed_over;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line[0] == '#') continue;
    const std::string place = fmt::format("{}:{}", path, number);
    const std::size_t middle = line.find_first_of("=:");
    if (middle == std::string_view::npos) {
      return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not name=value", place, line));
    }
    const std::string_view name = trim(line.substr(0, middle));
    const std::string_view value = trim(line.substr(middle + 1));
    if (lenient && is_secret_transport(name)) {
      if (name == "security.protocol" && value == "PLAINTEXT") continue;
      return Error(Errc::unsupported,
                   fmt::format("{}: {}: this version of horolog connects in plain text only", place,
                               name));
    }
    if (lenient && values_.find(name) == values_.end()) {
      passed_over.emplace_back(name);
      continue;
    }
    HOROLOG_TRY(set(name, value, place));
  }
  return passed_over;
}

}  // namespace horolog::command
