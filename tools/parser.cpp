#include "tools/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

/// A spelling found in the table.
struct Found {
  const Flag* flag = nullptr;
  const Alias* alias = nullptr;
};

bool looks_like_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  Invocation run() {
    while (at_ < arguments_.size() && result_.error.empty()) {
      const std::string& word = arguments_[at_++];
      if (result_.command != nullptr && result_.command->raw) {
        result_.args.push_back(word);
      } else if (only_args_ || !looks_like_flag(word)) {
        take_word(word);
      } else if (word == "--") {
        only_args_ = true;
      } else if (word.starts_with("--")) {
        take_long(word);
      } else {
        take_letters(word);
      }
    }
    if (result_.error.empty() && !result_.has("--help")) check_args();
    return std::move(result_);
  }

 private:
  void fail(std::string message, std::string hint = {}) {
    if (!result_.error.empty()) return;
    result_.error = std::move(message);
    result_.hint = std::move(hint);
  }

  void take_word(const std::string& word) {
    if (result_.command != nullptr) {
      result_.args.push_back(word);
      return;
    }
    const std::string path = result_.words.empty() ? word : result_.words + " " + word;
    result_.command = find_command(path);
    if (result_.command != nullptr || !words_after(path).empty()) {
      result_.words = result_.command != nullptr ? std::string(result_.command->path) : path;
      return;
    }
    const auto known = words_after(result_.words);
    const auto near = nearest_name(word, known);
    const std::string place = result_.words.empty() ? "horolog" : "horolog " + result_.words;
    fail(fmt::format("'{}' is no command of '{}'{}", word, place,
                     near ? fmt::format(": did you mean '{}'?", *near) : ""),
         fmt::format("'{} --help' lists them", place));
  }

  Found find_long(std::string_view name) const {
    for (const Flag* flag : flags_of(result_.command)) {
      if (flag->name == name) return {flag, nullptr};
      for (const Alias& alias : flag->aliases) {
        if (alias.name == name) return {flag, &alias};
      }
    }
    return {};
  }

  void take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    const Found found = find_long(name);
    if (found.flag != nullptr) return take_flag(found, name, value);
    if (take_argument_flag(name, value)) return;
    std::vector<std::string_view> known;
    for (const Flag* flag : flags_of(result_.command)) known.push_back(flag->name);
    const auto near = nearest_name(name, known);
    const std::string place = result_.words.empty() ? "horolog" : "horolog " + result_.words;
    fail(fmt::format("'{}' has no flag '{}'{}", place, name,
                     near ? fmt::format(": did you mean '{}'?", *near) : ""),
         fmt::format("'{} --help' lists the flags", place));
  }

  /// `--topic orders` where the table has a positional argument.
  bool take_argument_flag(const std::string& name, std::optional<std::string> value) {
    if (result_.command == nullptr) return false;
    for (const Arg& arg : result_.command->args) {
      if (arg.flag.empty() || arg.flag != name) continue;
      if (!value) value = next_value(name);
      if (value) result_.args.insert(result_.args.begin(), *value);
      return true;
    }
    return false;
  }

  std::optional<std::string> next_value(const std::string& name) {
    if (at_ < arguments_.size()) return arguments_[at_++];
    fail(fmt::format("{} needs a value", name));
    return std::nullopt;
  }

  void take_flag(const Found& found, const std::string& name, std::optional<std::string> value) {
    const bool takes_value = found.alias != nullptr
                                 ? found.alias->takes_value && found.flag->type != ValueType::none
                                 : found.flag->type != ValueType::none;
    if (!takes_value && value) return fail(fmt::format("{} takes no value", name));
    if (takes_value && !value) value = next_value(name);
    if (takes_value && !value) return;
    std::string text = value.value_or("");
    if (found.alias != nullptr) text = std::string(found.alias->prefix) + text;
    put(*found.flag, name, text);
  }

  void put(const Flag& flag, const std::string& spelling, const std::string& value) {
    std::vector<std::string>& values = result_.values[flag.name];
    if (!flag.repeatable && !values.empty() && flag.type != ValueType::none) {
      return fail(fmt::format("{} is given twice", flag.name));
    }
    check_value(flag, spelling, value);
    if (flag.type == ValueType::none && !values.empty()) return;
    values.push_back(value);
  }

  void check_value(const Flag& flag, const std::string& spelling, const std::string& value) {
    if (flag.type == ValueType::integer && !parse_integer(value)) {
      fail(fmt::format("{}: '{}' is no whole number", spelling, value));
    } else if (flag.type == ValueType::duration && !parse_duration(value)) {
      fail(fmt::format("{}: '{}' is no duration", spelling, value),
           "write it like 250ms, 5s, 10m, 2h or 1d");
    } else if (flag.type == ValueType::key_value && value.find('=') == std::string::npos &&
               value != "list" && value != "help") {
      fail(fmt::format("{}: '{}' is not name=value", spelling, value));
    } else if (flag.type == ValueType::choice) {
      const auto choices = split(flag.choices, '|');
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
      const auto near = nearest_name(value, choices);
      fail(fmt::format("{}: '{}' is none of {}{}", spelling, value, fmt::join(choices, ", "),
                       near ? fmt::format(": did you mean '{}'?", *near) : ""));
    }
  }

  /// -q, -bHOST, -b HOST, -qv.
  void take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size() && result_.error.empty(); ++i) {
      const Flag* found = nullptr;
      for (const Flag* flag : flags_of(result_.command)) {
        if (flag->letter == word[i]) found = found == nullptr ? flag : found;
      }
      const std::string spelling = fmt::format("-{}", word[i]);
      if (found == nullptr) {
        const std::string place = result_.words.empty() ? "horolog" : "horolog " + result_.words;
        return fail(fmt::format("'{}' has no flag '{}'", place, spelling),
                    fmt::format("'{} --help' lists the flags", place));
      }
      if (found->type == ValueType::none) {
        put(*found, spelling, "");
        continue;
      }
      std::optional<std::string> value;
      if (i + 1 < word.size()) {
        value = word.substr(word[i + 1] == '=' ? i + 2 : i + 1);
      } else {
        value = next_value(spelling);
      }
      if (value) put(*found, spelling, *value);
      return;
    }
  }

  void check_args() {
    if (result_.command == nullptr || result_.command->raw) return;
    // --output help and -X list ask about the command, not for it.
    const auto output = result_.values.find("--output");
    if (output != result_.values.end() && output->second[0] == "help") return;
    std::size_t least = 0;
    std::size_t most = 0;
    for (const Arg& arg : result_.command->args) {
      if (arg.required) ++least;
      most = arg.variadic ? std::string::npos : most + 1;
    }
    if (result_.args.size() < least) {
      const Arg& missing = result_.command->args[result_.args.size()];
      return fail(fmt::format("'horolog {}' needs {}: {}", result_.command->path, missing.name,
                              missing.summary),
                  fmt::format("'horolog {} --help' shows how", result_.command->path));
    }
    if (most != std::string::npos && result_.args.size() > most) {
      fail(fmt::format("'{}' is one argument too many for 'horolog {}'", result_.args[most],
                       result_.command->path),
           fmt::format("'horolog {} --help' shows how", result_.command->path));
    }
  }

  const std::vector<std::string>& arguments_;
  std::size_t at_ = 0;
  bool only_args_ = false;
  Invocation result_;
};

}  // namespace

Invocation parse(const std::vector<std::string>& arguments) { return Parser(arguments).run(); }

std::vector<const Flag*> flags_of(const Command* command) {
  std::vector<const Flag*> flags;
  if (command != nullptr) {
    for (const Flag& flag : command->flags) flags.push_back(&flag);
  }
  for (const Flag& flag : global_flags()) flags.push_back(&flag);
  return flags;
}

std::vector<std::string_view> words_after(std::string_view path) {
  std::vector<std::string_view> words;
  for (const Command* command : command_table()) {
    std::string_view rest = command->path;
    if (command->hidden) continue;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() || rest[path.size()] != ' ') {
        continue;
      }
      rest.remove_prefix(path.size() + 1);
    }
    rest = rest.substr(0, rest.find(' '));
    if (words.empty() || words.back() != rest) words.push_back(rest);
  }
  return words;
}

}  // namespace horolog::command
