#include "horologd/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> messages(const CommandLine& line) {
  std::vector<std::string> out;
  for (const Problem& p : line.problems) out.push_back(p.to_string());
  return out;
}

TEST(CommandLine, NothingRunsWithDefaults) {
  const CommandLine line = parse_command_line({});
  EXPECT_EQ(line.action, CommandLine::Action::run);
  EXPECT_THAT(line.overrides, IsEmpty());
  EXPECT_THAT(line.problems, IsEmpty());
}

TEST(CommandLine, FlagsBecomeOverridesInOrder) {
  const CommandLine line = parse_command_line({"--data-dir", "/d", "--listen=[::1]:0", "--set",
                                               "a=b=c", "--config", "f.yaml", "--set", "a="});
  EXPECT_THAT(line.problems, IsEmpty());
  EXPECT_EQ(line.config_file, "f.yaml");
  ASSERT_EQ(line.overrides.size(), 4U);
  EXPECT_EQ(line.overrides[0].name + "=" + line.overrides[0].value, "log.dirs=/d");
  EXPECT_EQ(line.overrides[0].flag, "--data-dir");
  EXPECT_EQ(line.overrides[1].name + "=" + line.overrides[1].value, "listeners=[::1]:0");
  EXPECT_EQ(line.overrides[2].name + "=" + line.overrides[2].value, "a=b=c");
  EXPECT_EQ(line.overrides[3].value, "");
}

TEST(CommandLine, EveryActionIsInTheHelp) {
  const std::string help = usage_text();
  for (const char* flag : {"--data-dir", "--listen", "--config", "--set", "--check-config",
                           "--print-config", "--print-reference", "--version", "--help"}) {
    EXPECT_THAT(help, HasSubstr(flag));
  }
  EXPECT_EQ(parse_command_line({"-h"}).action, CommandLine::Action::help);
  EXPECT_EQ(parse_command_line({"--check-config"}).action, CommandLine::Action::check_config);
  EXPECT_EQ(parse_command_line({"--version"}).action, CommandLine::Action::version);
}

TEST(CommandLine, MistakesAreNamedAllAtOnce) {
  EXPECT_THAT(messages(parse_command_line({"--lsiten", "--set", "x", "--version=1", "extra",
                                           "--config", "a", "--config", "b", "--data-dir"})),
              ElementsAre(HasSubstr("--lsiten: unknown argument, did you mean '--listen'?"),
                          HasSubstr("--set: 'x' is not name=value"),
                          HasSubstr("--version: takes no value"),
                          HasSubstr("extra: unknown argument"), HasSubstr("--config: given twice"),
                          HasSubstr("--data-dir: needs a value")));
}

}  // namespace
}  // namespace horolog
