#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "horologd/assignment.hpp"
#include "horologd/setting_spec.hpp"

namespace horolog {
namespace {

constexpr std::size_t max_file_bytes = 1 << 20;

void fail(Problems& problems, const std::string& path, std::string message) {
  problems.push_back({true, {path, 0, 0, ""}, std::move(message)});
}

std::string_view prefix_of(std::string_view variable) {
  for (const std::string_view prefix : {"HOROLOG_", "KAFKA_"}) {
    if (variable.starts_with(prefix) && variable.size() > prefix.size()) return prefix;
  }
  return "";
}

bool is_known(std::string_view name) { return find_setting(name) || find_ignored(name); }

/// HOROLOG_DURABILITY may be said for HOROLOG_HOROLOG_DURABILITY.
std::string resolve_name(std::string_view prefix, std::string_view variable) {
  std::string name = setting_name_of_variable(variable.substr(prefix.size()));
  if (!is_known(name) && prefix == "HOROLOG_" && is_known("horolog." + name)) {
    return "horolog." + name;
  }
  return name;
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

void read_config_file(const std::string& path, Assignments& out, Problems& problems) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return fail(problems, path, fmt::format("cannot read the configuration file: {}",
                                            std::strerror(errno)));
  }
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode)) {
    return fail(problems, path, "is not a file");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(max_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof() && (!file || text.size() > max_file_bytes)) {
    return fail(problems, path, text.size() > max_file_bytes
                                    ? "is larger than 1 MiB: is this a configuration file?"
                                    : fmt::format("cannot read the configuration file: {}",
                                                  std::strerror(errno)));
  }
  if (path.ends_with(".properties")) {
    read_properties(path, text, out, problems);
  } else {
    read_yaml(path, text, out, problems);
  }
}

std::string setting_name_of_variable(std::string_view variable) {
  std::string name;
  for (std::size_t i = 0; i < variable.size();) {
    std::size_t run = 0;
    while (i + run < variable.size() && variable[i + run] == '_' && run < 3) ++run;
    if (run == 0) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(variable[i])));
      ++i;
      continue;
    }
    name += run == 1 ? '.' : run == 2 ? '_' : '-';
    i += run;
  }
  return name;
}

void read_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                      Assignments& out, Problems& problems) {
  std::map<std::string, Assignment> found;
  for (const auto& [variable, value] : variables) {
    const std::string_view prefix = prefix_of(variable);
    if (prefix.empty()) continue;
    const std::string name = resolve_name(prefix, variable);
    const Place place{variable, 0, 0, ""};
    if (!is_known(name)) {
      const auto near = nearest_setting(name);
      problems.push_back({false, place,
                          fmt::format("environment variable names no setting ('{}'{})", name,
                                      near ? fmt::format("; did you mean '{}'?", *near) : "")});
      continue;
    }
    const auto [before, fresh] =
        found.try_emplace(name, Assignment{name, value, SettingSource::environment, place, place});
    if (!fresh && before->second.value != value) {
      problems.push_back({true, place,
                          fmt::format("'{}' is also set by {}, to something else", name,
                                      before->second.name_place.source)});
    }
  }
  for (auto& [name, assignment] : found) out.push_back(std::move(assignment));
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace horolog
