// That help, completion, man pages and the reference say the same as the table.

#include "tools/command_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tools/completion.hpp"
#include "tools/help.hpp"
#include "tools/parser.hpp"
#include "tools/text.hpp"

namespace horolog::command {
namespace {

using testing::HasSubstr;

std::vector<std::string> words_of(std::string_view line) {
  // Single quotes hold a word together, as in a shell.
  std::vector<std::string> words;
  bool quoted = false, open = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (c != '\'') words.back() += c;
  }
  return words;
}

/// mdoc(7) shows a bare dash as a hyphen.
std::string man_spelling(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

std::vector<std::string> completed(std::vector<std::string> words) {
  std::vector<std::string> found;
  for (const Candidate& each : complete(words, [](ValueType type) {
         return type == ValueType::topic ? std::vector<std::string>{"live-topic"}
                                         : std::vector<std::string>{"live-group"};
       })) {
    found.push_back(each.word);
  }
  return found;
}

TEST(CommandTable, EveryCommandIsWhole) {
  std::set<std::string_view> paths;
  for (const Command* command : command_table()) {
    EXPECT_TRUE(paths.insert(command->path).second) << command->path << " stands twice";
    EXPECT_NE(command->run, nullptr) << command->path;
    EXPECT_FALSE(command->summary.empty() || command->summary.ends_with('.')) << command->path;
    bool optional = false;
    for (const Arg& arg : command->args) {
      EXPECT_FALSE(arg.required && optional) << command->path << ": " << arg.name;
      optional = optional || !arg.required;
      EXPECT_FALSE(arg.summary.empty()) << command->path << ": " << arg.name;
    }
    const std::size_t space = command->path.find(' ');
    if (space != std::string_view::npos) {
      EXPECT_FALSE(family_summary(command->path.substr(0, space)).empty()) << command->path;
    }
  }
}

TEST(CommandTable, NoTwoFlagsOfACommandShareASpelling) {
  for (const Command* command : command_table()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const Flag* flag : flags_of(command)) {
      EXPECT_TRUE(names.insert(flag->name).second) << command->path << " " << flag->name;
      for (const Alias& alias : flag->aliases) {
        EXPECT_TRUE(names.insert(alias.name).second) << command->path << " " << alias.name;
      }
      if (flag->letter != 0) {
        EXPECT_TRUE(letters.insert(flag->letter).second) << command->path << " -" << flag->letter;
      }
      EXPECT_FALSE(flag->summary.empty()) << command->path << " " << flag->name;
      const bool choice = flag->type == ValueType::choice;
      EXPECT_EQ(choice, !flag->choices.empty()) << command->path << " " << flag->name;
    }
  }
}

TEST(CommandTable, HelpManReferenceAndCompletionSayTheSame) {
  const std::string reference = markdown_reference();
  const std::string overview = family_help("");
  const std::string page = man_page("");
  for (const Command* command : command_table()) {
    if (command->hidden) continue;
    const std::string path(command->path);
    EXPECT_THAT(overview, HasSubstr("  " + path));
    EXPECT_THAT(reference, HasSubstr("## horolog " + path + "\n"));
    EXPECT_THAT(page, HasSubstr(".It " + man_spelling(path) + "\n"));
    const std::string help = command_help(*command);
    const std::string man = man_page(path);
    auto typed = words_of(path);
    typed.emplace_back("--");
    const auto offered = completed(typed);
    for (const Flag& flag : command->flags) {
      EXPECT_THAT(help, HasSubstr(std::string(flag.name))) << path;
      EXPECT_THAT(reference, HasSubstr(std::string(flag.name))) << path;
      EXPECT_THAT(offered, testing::Contains(std::string(flag.name))) << path;
      EXPECT_THAT(man, HasSubstr(man_spelling(flag.name))) << path;
    }
  }
}

TEST(CommandTable, EveryExampleParses) {
  for (const Command* command : command_table()) {
    for (const Example& example : command->examples) {
      const std::string_view line = example.line.substr(0, example.line.find(" > "));
      const std::string_view piped = line.substr(0, line.find(" | "));
      const Invocation got = parse(words_of(piped));
      EXPECT_EQ(got.error, "") << example.line;
      EXPECT_NE(got.command, nullptr) << example.line;
    }
  }
}

TEST(Completion, WordsFlagsChoicesAndLiveNames) {
  EXPECT_THAT(completed({""}), testing::Contains("log"));
  EXPECT_THAT(completed({"log", "ve"}), testing::ElementsAre("verify"));
  EXPECT_THAT(completed({"log", "ls", "--output", "js"}), testing::ElementsAre("json", "jsonl"));
  EXPECT_THAT(completed({"-b", "host:1", "log", "l"}), testing::ElementsAre("ls"));
}

TEST(Completion, EveryShellAsksTheProgram) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    ASSERT_TRUE(completion_script(shell).has_value());
    EXPECT_THAT(std::string(*completion_script(shell)), HasSubstr("horolog __complete"));
  }
  EXPECT_FALSE(completion_script("tcsh").has_value());
}

}  // namespace
}  // namespace horolog::command
