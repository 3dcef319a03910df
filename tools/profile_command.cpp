#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tools/local_commands.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {
    {.name = "name", .key = true},
    {"current", ColumnType::flag},
    {"bootstrap_servers"},
    {.name = "file", .wide = true},
};
constexpr SectionSpec output[] = {{"profiles", columns}};

bool good_name(std::string_view name) {
  return !name.empty() && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(config_directory() + "/profiles", failed)) {
    if (entry.path().extension() == ".properties") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Exit missing(Context& context, const std::string& name) {
  return context.fail(Exit::not_found, fmt::format("there is no profile '{}'", name),
                      "'horolog profile set NAME bootstrap.servers=HOST:PORT' makes one");
}

bool exists(const std::string& name) {
  std::error_code failed;
  return std::filesystem::exists(profile_path(name), failed);
}

}  // namespace

std::span<const SectionSpec> profiles_output() { return output; }

Exit run_profile_ls(Context& context) {
  const std::string current = chosen_profile(context.invocation());
  Report report;
  Section& section = report.add(output[0]);
  for (const std::string& name : profile_names()) {
    ClientSettings settings;
    Cell servers;
    if (const auto text = read_text_file(profile_path(name))) {
      if (settings.read_file(*text, profile_path(name), false).ok()) {
        servers = std::string(settings.text("bootstrap.servers"));
      }
    }
    section.rows.push_back({name, name == current, servers, profile_path(name)});
  }
  context.print(report);
  return Exit::ok;
}

/// Changes the settings named and keeps the others.
Exit run_profile_set(Context& context) {
  const std::string& name = context.args()[0];
  if (!good_name(name)) {
    return context.fail(Exit::usage, fmt::format("'{}' is no name for a profile", name),
                        "letters, digits, '-', '_' and '.'");
  }
  std::vector<std::string> lines;
  if (const auto text = read_text_file(profile_path(name))) {
    for (const std::string_view line : split(*text, '\n')) {
      if (!line.empty()) lines.emplace_back(line);
    }
  }
  for (std::size_t i = 1; i < context.args().size(); ++i) {
    const std::string& word = context.args()[i];
    const std::string key = word.substr(0, word.find('=') + 1);
    std::erase_if(lines, [&](const std::string& line) { return line.starts_with(key); });
    lines.push_back(word);
  }
  const std::string text = join(lines, "\n") + "\n";
  ClientSettings settings;
  if (const auto good = settings.read_file(text, "profile " + name, false); !good) {
    return context.fail(good.error());
  }
  if (const Status written = write_text_file(profile_path(name), text); !written) {
    return context.fail(written.error());
  }
  context.note(fmt::format("'horolog profile use {}' makes it the default", name));
  return Exit::ok;
}

Exit run_profile_use(Context& context) {
  const std::string& name = context.args()[0];
  if (!exists(name)) return missing(context, name);
  const Status written = write_text_file(config_directory() + "/current", name + "\n");
  return written ? Exit::ok : context.fail(written.error());
}

Exit run_profile_rm(Context& context) {
  const std::string& name = context.args()[0];
  if (!good_name(name) || !exists(name)) return missing(context, name);
  std::error_code failed;
  std::filesystem::remove(profile_path(name), failed);
  if (failed) return context.fail(Exit::failed, failed.message());
  const auto current = read_text_file(config_directory() + "/current");
  if (current && split(*current, '\n')[0] == name) {
    std::filesystem::remove(config_directory() + "/current", failed);
  }
  return Exit::ok;
}

}  // namespace horolog::command
