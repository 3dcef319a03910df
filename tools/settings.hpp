#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"

/// How the command reaches a cluster and prints, and where each setting came from. Pure: the files
/// and the environment are read by the caller.
namespace horolog::command {

struct SettingRow {
  std::string_view name;
  std::string_view fallback;
  std::string_view env;
  std::string_view meaning;
};
/// What -X and configuration files may set.
std::span<const SettingRow> client_settings();

struct SettingValue {
  std::string value;
  std::string source;  ///< "default", "-X", "environment HOROLOG_…", a file's name and line
};

class ClientSettings {
 public:
  /// Every setting with its default.
  ClientSettings();

  const SettingValue& get(std::string_view name) const;
  std::string_view text(std::string_view name) const { return get(name).value; }
  std::int64_t integer(std::string_view name) const;

  /// Later calls win. Errc::invalid_argument for an unknown name or a value that cannot be.
  Status set(std::string_view name, std::string_view value, std::string source);
  /// Lines `name=value` or `name: value`, # comments. The error names the line. With `lenient`
  /// (Kafka's --command-config) names that only Kafka's clients know are passed over and returned,
  /// but for those that would make the connection a safe one: not doing so is an error.
  Result<std::vector<std::string>> read_file(std::string_view text, const std::string& path,
                                             bool lenient);

 private:
  std::map<std::string, SettingValue, std::less<>> values_;
};

}  // namespace horolog::command
