#include <fmt/format.h>

#include "tools/help.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

/// Text that cannot be taken for a macro or an escape.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string flags_list(std::span<const Flag> flags) {
  std::string out = ".Bl -tag -width Ds\n";
  for (const Flag& flag : flags) {
    std::string spelling;
    if (flag.letter != 0) spelling += fmt::format("\\-{} , ", flag.letter);
    spelling += plain(flag.name);
    const std::string_view value = !flag.placeholder.empty() ? flag.placeholder : flag.choices;
    out += fmt::format(".It {}{}\n{}.\n", spelling, value.empty() ? "" : " " + plain(value),
                       plain(flag.summary));
    if (!flag.env.empty()) out += fmt::format("Environment: {}.\n", plain(flag.env));
  }
  return out + ".El\n";
}

std::string head(const std::string& page, std::string_view summary) {
  std::string title = page;
  for (char& c : title) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return fmt::format(".Dd $Mdocdate$\n.Dt {} 1\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}\n", title, page,
                     plain(summary));
}

std::string exit_codes() {
  std::string out = ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const ExitMeaning& row : exit_meanings) {
    out += fmt::format(".It {}\n{}\n", static_cast<int>(row.code), plain(row.meaning));
  }
  return out + ".El\n";
}

std::string overview_page() {
  std::string out = head("horolog", "command line for Kafka-protocol clusters");
  out += ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op flags\n.Sh COMMANDS\n.Bl -tag -width Ds\n";
  for (const Command* command : command_table()) {
    if (command->hidden) continue;
    out += fmt::format(".It {}\n{}.\n", plain(command->path), plain(command->summary));
  }
  return out + ".El\n.Sh OPTIONS\n" + flags_list(global_flags()) + exit_codes();
}

}  // namespace

std::string man_page(std::string_view path) {
  const Command* command = path.empty() ? nullptr : find_command(path);
  if (command == nullptr) return overview_page();
  std::string page = "horolog-" + std::string(command->path);
  for (char& c : page) {
    if (c == ' ') c = '-';
  }
  std::string out = head(page, command->summary);
  out += fmt::format(".Sh SYNOPSIS\n{}\n.Sh DESCRIPTION\n{}.\n", plain(usage_line(*command)),
                     plain(command->summary));
  for (const std::string_view line : split(command->details, '\n')) {
    out += line.empty() ? ".Pp\n" : plain(line) + "\n";
  }
  if (!command->args.empty()) {
    out += ".Bl -tag -width Ds\n";
    for (const Arg& arg : command->args) {
      out += fmt::format(".It {}\n{}.\n", plain(arg.name), plain(arg.summary));
    }
    out += ".El\n";
  }
  if (!command->flags.empty()) out += ".Sh OPTIONS\n" + flags_list(command->flags);
  if (!command->examples.empty()) {
    out += ".Sh EXAMPLES\n";
    for (const Example& example : command->examples) {
      out += fmt::format("{}:\n.Dl horolog {}\n", plain(example.says), plain(example.line));
    }
  }
  return out + exit_codes() + ".Sh SEE ALSO\n.Xr horolog 1\n";
}

}  // namespace horolog::command
