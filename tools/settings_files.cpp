#include "tools/settings_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "tools/text.hpp"

namespace horolog::command {
namespace {

namespace fs = std::filesystem;

constexpr char system_file[] = "/etc/horolog/client.properties";
constexpr char project_name[] = ".horolog";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string home_directory(const char* variable, const char* below_home) {
  if (const std::string set = environment(variable); !set.empty()) return set + "/horolog";
  const std::string home = environment("HOME");
  return home.empty() ? "" : fmt::format("{}/{}/horolog", home, below_home);
}

/// .horolog here or above, up to the root of the repository; "" when there is none.
std::string project_file() {
  std::error_code failed;
  fs::path here = fs::current_path(failed);
  if (failed) return "";
  std::string found;
  for (;;) {
    if (found.empty() && fs::is_regular_file(here / project_name, failed)) {
      found = (here / project_name).string();
      // Outside a repository only the directory itself counts.
      if (here == fs::current_path(failed)) return found;
    }
    if (fs::exists(here / ".git", failed)) return found;
    if (here == here.root_path()) return "";
    here = here.parent_path();
  }
}

Status read_optional(ClientSettings& settings, const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) {
    if (text.error().code() == Errc::not_found) return {};
    return text.error();
  }
  HOROLOG_TRY(settings.read_file(*text, path, false));
  return {};
}

Status read_flags(ClientSettings& settings, const Invocation& invocation) {
  for (const auto& [flag, values] : invocation.values) {
    if (flag == "--bootstrap") {
      HOROLOG_TRY(settings.set("bootstrap.servers", values.back(), "--bootstrap"));
    }
    if (flag == "--output") HOROLOG_TRY(settings.set("output", values.back(), "--output"));
    if (flag == "--json") HOROLOG_TRY(settings.set("output", "json", "--json"));
    if (flag == "--color") HOROLOG_TRY(settings.set("color", values.back(), "--color"));
    if (flag != "--option") continue;
    for (const std::string& value : values) {
      const std::size_t equals = value.find('=');
      if (equals == std::string::npos) continue;  // -X list
      HOROLOG_TRY(settings.set(value.substr(0, equals), value.substr(equals + 1), "-X"));
    }
  }
  return {};
}

}  // namespace

std::string config_directory() { return home_directory("XDG_CONFIG_HOME", ".config"); }
std::string state_directory() { return home_directory("XDG_STATE_HOME", ".local/state"); }

std::string profile_path(std::string_view name) {
  return fmt::format("{}/profiles/{}.properties", config_directory(), name);
}

std::string chosen_profile(const Invocation& invocation) {
  const auto flag = invocation.values.find("--profile");
  if (flag != invocation.values.end()) return flag->second.back();
  if (const std::string name = environment("HOROLOG_PROFILE"); !name.empty()) return name;
  const auto current = read_text_file(config_directory() + "/current");
  return current ? std::string(split(*current, '\n')[0]) : "";
}

Result<std::string> read_text_file(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) {
    const int error = errno;
    return Error(error == ENOENT ? Errc::not_found : Errc::io,
                 fmt::format("cannot read {}: {}", path, std::strerror(error)), error);
  }
  std::string text;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) text.append(buffer, got);
  if (std::ferror(file.get()) != 0) return Error(Errc::io, fmt::format("cannot read {}", path));
  return text;
}

Status write_text_file(const std::string& path, std::string_view text) {
  std::error_code failed;
  fs::create_directories(fs::path(path).parent_path(), failed);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"), std::fclose);
  const bool good = file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                    std::fflush(file.get()) == 0;
  if (good) return {};
  const int error = errno;
  return Error(Errc::io, fmt::format("cannot write {}: {}", path, std::strerror(error)), error);
}

Result<ClientSettings> load_settings(const Invocation& invocation,
                                     std::vector<std::string>& warnings) {
  ClientSettings settings;
  HOROLOG_TRY(read_optional(settings, system_file));
  if (const std::string profile = chosen_profile(invocation); !profile.empty()) {
    const auto text = read_text_file(profile_path(profile));
    if (!text) {
      return Error(Errc::invalid_argument,
                   fmt::format("profile '{}': {}; 'horolog profile ls' lists them", profile,
                               text.error().message()));
    }
    HOROLOG_TRY(settings.read_file(*text, profile_path(profile), false));
  }
  if (const std::string project = project_file(); !project.empty()) {
    HOROLOG_TRY(read_optional(settings, project));
  }
  for (const SettingRow& row : client_settings()) {
    const std::string value = environment(std::string(row.env).c_str());
    if (!value.empty()) {
      HOROLOG_TRY(settings.set(row.name, value, fmt::format("environment {}", row.env)));
    }
  }
  const auto file = invocation.values.find("--command-config");
  if (file != invocation.values.end()) {
    const auto text = read_text_file(file->second.back());
    if (!text) return Error(Errc::invalid_argument, text.error().message());
    HOROLOG_ASSIGN(const auto passed, settings.read_file(*text, file->second.back(), true));
    if (!passed.empty()) {
      warnings.push_back(fmt::format("{}: not used here: {}", file->second.back(),
                                     join(passed, ", ")));
    }
  }
  HOROLOG_TRY(read_flags(settings, invocation));
  return settings;
}

}  // namespace horolog::command
