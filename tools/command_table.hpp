#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tools/exit_code.hpp"
#include "tools/report.hpp"

/// The one table of what `horolog` can do. Parser, help, completion, man pages and the reference
/// are made from it. Everything in it is constant data: a start of the program runs no constructor.
namespace horolog::command {

class Context;

enum class ValueType : std::uint8_t {
  none,  ///< a switch
  text,
  integer,
  duration,  ///< 250ms, 5s, 2h; a bare number is seconds
  choice,    ///< one of Flag::choices
  file,
  directory,
  topic,
  group,
  key_value,  ///< name=value
};

/// Another spelling of a flag, Apache Kafka's mostly; understood, and not shown.
struct Alias {
  std::string_view name;
  /// Put before the value; the whole value where the alias takes none.
  std::string_view prefix = {};
  bool takes_value = true;
};

struct Flag {
  std::string_view name;  ///< with its dashes
  char letter = 0;
  ValueType type = ValueType::none;
  std::string_view placeholder = {};
  std::string_view summary;
  std::string_view env = {};
  std::string_view choices = {};  ///< "a|b|c"
  bool repeatable = false;
  std::span<const Alias> aliases = {};
};

struct Arg {
  std::string_view name;
  ValueType type = ValueType::text;
  std::string_view summary;
  bool required = true;
  bool variadic = false;
  /// A flag that may stand in its place, as in Kafka's tools ("--topic"). It counts as the first
  /// word.
  std::string_view flag = {};
};

struct Example {
  std::string_view line;  ///< without "horolog"
  std::string_view says;
};

struct Command {
  std::string_view path;  ///< "group reset"
  std::string_view summary;
  std::string_view details = {};
  std::span<const Arg> args = {};
  std::span<const Flag> flags = {};
  std::span<const Example> examples = {};
  /// What it prints: the schema of --output help and of the reference.
  std::span<const SectionSpec> output = {};
  Exit (*run)(Context&) = nullptr;
  /// Other last words for it: "show" for describe.
  std::string_view alias = {};
  bool hidden = false;
  /// Everything behind its name is passed on as it is (horolog bench).
  bool raw = false;
};

/// Flags that every command takes.
std::span<const Flag> global_flags();
/// All commands, sorted by path.
const std::vector<const Command*>& command_table();
/// nullptr when there is none of this path.
const Command* find_command(std::string_view path);
/// A line for a word that only groups commands ("topic").
std::string_view family_summary(std::string_view family);

/// For a family's file: adds its commands to `table`.
using Commands = std::vector<const Command*>;

}  // namespace horolog::command
