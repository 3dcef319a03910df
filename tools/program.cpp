#include "tools/program.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "tools/help.hpp"
#include "tools/settings_files.hpp"

namespace horolog::command {
namespace {

Exit refuse(const Console& console, std::string_view what, std::string_view hint) {
  fmt::print(console.err, "horolog: {}\n", what);
  if (!hint.empty()) fmt::print(console.err, "  {}\n", hint);
  return Exit::usage;
}

Exit print_settings(const Console& console, const ClientSettings& settings) {
  std::string out;
  for (const SettingRow& row : client_settings()) {
    const SettingValue& value = settings.get(row.name);
    out += fmt::format("{}={}\n    {} [{}]; from: {}\n", row.name, value.value, row.meaning,
                       row.env, value.source);
  }
  std::fwrite(out.data(), 1, out.size(), console.out);
  return Exit::ok;
}

Exit print_text(const Console& console, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), console.out);
  return Exit::ok;
}

/// Nothing runs: a word that only groups commands, or no word at all.
Exit without_command(const Invocation& invocation, const Console& console) {
  if (invocation.has("--version")) return print_text(console, "horolog " HOROLOG_VERSION "\n");
  const bool asked = invocation.has("--help") || invocation.words.empty();
  if (asked) return print_text(console, family_help(invocation.words));
  fmt::print(console.err, "{}", family_help(invocation.words));
  return Exit::usage;
}

}  // namespace

Exit run_program(const std::vector<std::string>& arguments, const Console& console) {
  Invocation invocation = parse(arguments);
  if (!invocation.error.empty()) return refuse(console, invocation.error, invocation.hint);
  std::vector<std::string> warnings;
  const auto option = invocation.values.find("--option");
  if (option != invocation.values.end() && option->second.back().find('=') == std::string::npos) {
    const auto settings = load_settings(invocation, warnings);
    if (!settings) return refuse(console, settings.error().message(), "");
    return print_settings(console, *settings);
  }
  const Command* command = invocation.command;
  if (command == nullptr) return without_command(invocation, console);
  if (invocation.has("--help")) return print_text(console, command_help(*command));
  auto settings = load_settings(invocation, warnings);
  if (!settings) return refuse(console, settings.error().message(), "");
  const auto mode = parse_output_mode(settings->text("output"));
  if (!mode) {
    const SettingValue& value = settings->get("output");
    return refuse(console, fmt::format("{}: output '{}' is none of table, wide, json, jsonl, csv, "
                                       "yaml, name", value.source, value.value), "");
  }
  if (*mode == OutputMode::help) return print_text(console, render_schema(command->output));
  log::set_style(log::Style::logfmt);
  log::set_level(invocation.has("--verbose") ? log::Level::debug : log::Level::error);
  Context context(std::move(invocation), std::move(*settings), console, *mode);
  for (const std::string& warning : warnings) context.warn(warning);
  const Exit code = command->run(context);
  if (std::fflush(console.out) != 0 && code == Exit::ok) {
    return context.fail(Exit::failed, "cannot write to standard output");
  }
  return code;
}

}  // namespace horolog::command
