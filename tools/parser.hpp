#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/command_table.hpp"

namespace horolog::command {

/// A command line taken apart by the table. Pure: what is wrong is in `error`.
struct Invocation {
  const Command* command = nullptr;  ///< null: only words of a family, or nothing, were given
  std::string words;                 ///< the path as far as it was understood
  /// By the flag's name in the table; a switch that is set has one empty value.
  std::map<std::string_view, std::vector<std::string>> values;
  std::vector<std::string> args;
  std::string error;  ///< empty when all is well
  std::string hint;

  bool has(std::string_view flag) const { return values.contains(flag); }
};

Invocation parse(const std::vector<std::string>& arguments);

/// The flags that a command takes: its own, then the global ones.
std::vector<const Flag*> flags_of(const Command* command);
/// Words that may follow a path ("topic" → alter, create, …).
std::vector<std::string_view> words_after(std::string_view path);

}  // namespace horolog::command
