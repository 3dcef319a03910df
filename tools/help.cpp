#include "tools/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/parser.hpp"
#include "tools/render.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

std::string flag_spelling(const Flag& flag) {
  std::string text = flag.letter != 0 ? fmt::format("-{}, ", flag.letter) : "    ";
  text += flag.name;
  if (flag.type == ValueType::choice && flag.placeholder.empty()) {
    text += fmt::format(" {}", flag.choices);
  } else if (!flag.placeholder.empty()) {
    text += fmt::format(" {}", flag.placeholder);
  }
  return text;
}

std::string flag_note(const Flag& flag) {
  std::string text(flag.summary);
  if (flag.type == ValueType::choice && !flag.placeholder.empty()) {
    text += fmt::format(": {}", fmt::join(split(flag.choices, '|'), ", "));
  }
  if (flag.repeatable) text += " (may be repeated)";
  if (!flag.env.empty()) text += fmt::format(" [{}]", flag.env);
  return text;
}

std::string flag_lines(std::span<const Flag> flags) {
  std::size_t width = 0;
  for (const Flag& flag : flags) width = std::max(width, flag_spelling(flag).size());
  std::string out;
  for (const Flag& flag : flags) {
    out += fmt::format("  {:<{}}  {}\n", flag_spelling(flag), width, flag_note(flag));
  }
  return out;
}

std::string arg_word(const Arg& arg) {
  const std::string word = fmt::format("{}{}", arg.name, arg.variadic ? "…" : "");
  return arg.required ? word : "[" + word + "]";
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string line = fmt::format("horolog {}", command.path);
  for (const Arg& arg : command.args) line += " " + arg_word(arg);
  if (command.raw) return line + " …";
  return line + " [flags]";
}

std::string command_help(const Command& command) {
  std::string out = fmt::format("{}.\n\nusage: {}\n", command.summary, usage_line(command));
  if (!command.details.empty()) out += fmt::format("\n{}\n", command.details);
  if (!command.args.empty()) {
    out += "\narguments:\n";
    for (const Arg& arg : command.args) {
      out += fmt::format("  {:<14}  {}\n", arg.name, arg.summary);
    }
  }
  if (!command.flags.empty()) out += "\nflags:\n" + flag_lines(command.flags);
  if (!command.examples.empty()) {
    out += "\nexamples:\n";
    for (const Example& example : command.examples) {
      out += fmt::format("  horolog {}\n      {}\n", example.line, example.says);
    }
  }
  if (!command.raw) out += "\n'horolog --help' lists the flags that every command takes.\n";
  return out;
}

std::string family_help(std::string_view path) {
  std::string out;
  if (path.empty()) {
    out = "The command line of Horolog, for any cluster that speaks the Kafka protocol.\n\n"
          "usage: horolog COMMAND [flags]\n";
  } else {
    out = fmt::format("{}.\n\nusage: horolog {} COMMAND [flags]\n", family_summary(path), path);
  }
  out += "\ncommands:\n";
  for (const Command* command : command_table()) {
    const bool inside = path.empty() || command->path.starts_with(std::string(path) + " ");
    if (!inside || command->hidden) continue;
    out += fmt::format("  {:<22}  {}\n", command->path, command->summary);
  }
  if (path.empty()) out += "\nflags of every command:\n" + flag_lines(global_flags());
  out += fmt::format("\n'horolog {}{}COMMAND --help' says more about one.\n", path,
                     path.empty() ? "" : " ");
  return out;
}

std::string markdown_reference() {
  std::string out =
      "# horolog\n\nThe command line of Horolog. Made from the command table by "
      "`horolog generate reference`.\n\n## Flags of every command\n\n";
  const auto rows = [&](std::span<const Flag> flags) {
    out += "| flag | meaning |\n|---|---|\n";
    for (const Flag& flag : flags) {
      std::string spelling = flag_spelling(flag);
      spelling.erase(0, spelling.find_first_not_of(' '));
      std::string text = fmt::format("| `{}` | {} |\n", spelling, flag_note(flag));
      for (std::size_t at = text.find("|", 2); flag.type == ValueType::choice; at += 2) {
        // The bars between choices stand inside a cell.
        at = text.find('|', at);
        const std::size_t end = text.find("` |");
        if (at == std::string::npos || at >= end) break;
        text.insert(at, "\\");
      }
      out += text;
    }
    out += "\n";
  };
  rows(global_flags());
  out += "## Exit codes\n\n| code | meaning |\n|---|---|\n";
  for (const ExitMeaning& row : exit_meanings) {
    out += fmt::format("| {} | {} |\n", static_cast<int>(row.code), row.meaning);
  }
  for (const Command* command : command_table()) {
    if (command->hidden) continue;
    out += fmt::format("\n## horolog {}\n\n{}.\n\n    {}\n\n", command->path, command->summary,
                       usage_line(*command));
    if (!command->details.empty()) out += fmt::format("{}\n\n", command->details);
    for (const Arg& arg : command->args) out += fmt::format("* `{}`: {}\n", arg.name, arg.summary);
    if (!command->args.empty()) out += "\n";
    if (!command->flags.empty()) rows(command->flags);
    for (const Example& example : command->examples) {
      out += fmt::format("    horolog {}\n\n{}.\n\n", example.line, example.says);
    }
    if (!command->output.empty()) {
      out += "With `--output json`:\n\n```\n" + render_schema(command->output) + "```\n";
    }
  }
  return out;
}

}  // namespace horolog::command
