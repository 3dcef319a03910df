#include <fmt/format.h>

#include <filesystem>

#include "tools/completion.hpp"
#include "tools/help.hpp"
#include "tools/local_commands.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

/// config/horologd.service, as it is installed.
constexpr std::string_view service_unit =
#include "service_unit.inc"
    ;

constexpr std::string_view prometheus_rules = R"(groups:
  - name: horolog
    rules:
      - alert: HorologDown
        expr: up{job="horolog"} == 0
        for: 1m
      - alert: HorologSyncFailed
        expr: increase(horolog_sync_failures_total[5m]) > 0
      - alert: HorologDiskLow
        expr: horolog_disk_free_bytes / horolog_disk_total_bytes < 0.1
        for: 5m
      - alert: HorologConnectionsRefused
        expr: increase(horolog_connections_refused_total[5m]) > 0
      - alert: HorologGroupBehind
        expr: horolog_group_lag_records > 100000 and delta(horolog_group_lag_records[10m]) >= 0
        for: 10m
)";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found; (found = text.find(from, at)) != std::string_view::npos;) {
    out += text.substr(at, found - at);
    out += to;
    at = found + from.size();
  }
  return out + std::string(text.substr(at));
}

}  // namespace

Exit run_completion(Context& context) {
  const auto script = completion_script(context.args()[0]);
  if (!script) {
    return context.fail(Exit::usage, fmt::format("'{}' is none of bash, zsh, fish",
                                                 context.args()[0]));
  }
  context.write(*script);
  return Exit::ok;
}

Exit run_generate_systemd(Context& context) {
  std::string unit = replaced(service_unit, "/usr/bin/horologd",
                              context.text("--program").value_or("/usr/bin/horologd"));
  unit = replaced(unit, "/etc/horolog/horologd.yaml",
                  context.text("--config").value_or("/etc/horolog/horologd.yaml"));
  context.write(unit);
  return Exit::ok;
}

Exit run_generate_prometheus(Context& context) {
  if (context.has("--rules")) {
    context.write(prometheus_rules);
    return Exit::ok;
  }
  std::string targets;
  for (const std::string& target : context.args()) {
    targets += fmt::format("{}\"{}\"", targets.empty() ? "" : ", ", target);
  }
  context.write(fmt::format("scrape_configs:\n"
                            "  - job_name: horolog\n"
                            "    scrape_interval: 15s\n"
                            "    static_configs:\n"
                            "      - targets: [{}]\n",
                            targets.empty() ? "\"localhost:9644\"" : targets));
  return Exit::ok;
}

Exit run_generate_reference(Context& context) {
  context.write(markdown_reference());
  return Exit::ok;
}

/// horolog.1 and a page per command.
Exit run_generate_man(Context& context) {
  const std::string& directory = context.args()[0];
  std::vector<std::string_view> paths{""};
  for (const Command* command : command_table()) {
    if (!command->hidden) paths.push_back(command->path);
  }
  for (const std::string_view path : paths) {
    std::string name = path.empty() ? "horolog" : "horolog-" + std::string(path);
    for (char& c : name) c = c == ' ' ? '-' : c;
    const Status written =
        write_text_file(fmt::format("{}/{}.1", directory, name), man_page(path));
    if (!written) return context.fail(written.error());
  }
  context.note(fmt::format("{} pages in {}", paths.size(), directory));
  return Exit::ok;
}

}  // namespace horolog::command
