#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "base/json.hpp"
#include "client/schedule_names.hpp"
#include "tools/cluster_access.hpp"
#include "tools/crontab.hpp"
#include "tools/schedule_access.hpp"
#include "tools/schedule_commands.hpp"
#include "tools/schedule_selection.hpp"
#include "tools/settings_files.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

constexpr Column import_columns[] = {
    {.name = "key", .key = true},
    {"line", ColumnType::integer, "of the file"},
    {"cron"},
    {"timezone"},
    {"payload"},
};
constexpr SectionSpec import_output[] = {{"schedules", import_columns}};

/// A value of bytes that are no text is written as base64 under another name.
std::string value_member(const std::string& value) {
  const ByteView bytes = as_bytes(value);
  if (is_utf8(bytes)) return "\"value\":" + json_string(value);
  return "\"value_base64\":" + json_string(to_base64(bytes));
}

std::string export_line(const ScheduleState& state) {
  std::string headers;
  for (const Header& each : state.headers) {
    if (each.key == schedule_names::header::if_generation) continue;
    headers += fmt::format("{}[{},{}]", headers.empty() ? "" : ",", json_string(each.key),
                           each.value ? json_string(*each.value) : "null");
  }
  return fmt::format("{{\"key\":{},\"generation\":{},\"headers\":[{}],{}}}\n",
                     json_string(state.key), state.generation, headers,
                     value_member(state.value));
}

}  // namespace

std::span<const SectionSpec> schedule_import_output() { return import_output; }

Exit run_schedule_import(Context& context) {
  const std::string& path = context.args()[0];
  const auto text = read_text_file(path);
  if (!text) return context.fail(text.error());
  const auto topic = context.text("--topic");
  if (!topic) return context.fail(Exit::usage, "--topic is missing: where the schedules fire to");
  const Crontab read = parse_crontab(*text, context.has("--system"));
  for (const std::string& change : read.changes) context.warn(fmt::format("{}: {}", path, change));
  if (read.entries.empty())
    return context.fail(Exit::not_found, fmt::format("{} has no line to import", path));
  const std::string prefix =
      context.text("--prefix").value_or(std::filesystem::path(path).stem().string() + ":");
  const auto zone = context.text("--timezone");
  Report report;
  Section& section = report.add(import_output[0]);
  std::vector<std::pair<std::string, ScheduleOptions>> wanted;
  for (const CrontabEntry& entry : read.entries) {
    ScheduleOptions options = entry.rule;
    options.topic = *topic;
    if (!options.timezone) options.timezone = zone;
    const auto rule = timekeeping::Rule::parse(
        {.cron = options.cron, .timezone = options.timezone}, {.key = prefix + entry.name});
    if (!rule)
      return context.fail(rule.error().with_context(fmt::format("{}:{}", path, entry.line)));
    section.rows.push_back({prefix + entry.name, static_cast<std::int64_t>(entry.line),
                            *options.cron, cell_of(options.timezone), entry.command});
    wanted.emplace_back(prefix + entry.name, std::move(options));
  }
  context.print(report);
  if (context.has("--dry-run")) return Exit::ok;
  if (!context.has("--yes") &&
      !context.confirm(fmt::format("create these {} schedules?", wanted.size())))
    return context.fail(Exit::refused, "nothing was created", "--yes does it without asking");
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  std::vector<SentCommand> sent;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto one = schedules->create(wanted[i].first, wanted[i].second, read.entries[i].command);
    if (!one) return fail_cluster(context, one.error(), wanted[i].first);
    sent.push_back(*one);
  }
  return report_decisions(context, *schedules, sent);
}

/// JSON lines whatever the mode: a copy to keep, and for other programs.
Exit run_schedule_export(Context& context) {
  auto schedules = open_schedules(context);
  if (!schedules) return fail_cluster(context, schedules.error());
  std::map<std::string, std::string> lines;
  const Status read =
      each_selected(context, *schedules, Detail::payloads, [&](const ScheduleState& state) {
        lines[state.key] = export_line(state);
        return Status();
      });
  if (!read) return fail_cluster(context, read.error());
  for (const auto& [key, line] : lines) context.write(line);
  return Exit::ok;
}

}  // namespace horolog::command
