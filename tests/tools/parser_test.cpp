#include "tools/parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace horolog::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Parser, FindsTheCommandItsFlagsAndItsArguments) {
  const Invocation got = parse({"log", "dump", "-r", "--from", "5", "--max=7", "dir"});
  ASSERT_EQ(got.error, "");
  EXPECT_EQ(got.command->path, "log dump");
  EXPECT_TRUE(got.has("--records"));
  EXPECT_THAT(got.values.at("--from"), ElementsAre("5"));
  EXPECT_THAT(got.values.at("--max"), ElementsAre("7"));
  EXPECT_THAT(got.args, ElementsAre("dir"));
}

TEST(Parser, GlobalFlagsMayComeFirst) {
  const Invocation got = parse({"-b", "a:1", "-qv", "log", "ls", "d"});
  ASSERT_EQ(got.error, "");
  EXPECT_EQ(got.command->path, "log ls");
  EXPECT_THAT(got.values.at("--bootstrap"), ElementsAre("a:1"));
  EXPECT_TRUE(got.has("--quiet") && got.has("--verbose"));
}

TEST(Parser, AFlagsLetterMayHaveItsValueAttached) {
  EXPECT_THAT(parse({"log", "dump", "-n12", "d"}).values.at("--max"), ElementsAre("12"));
  EXPECT_THAT(parse({"log", "dump", "-n=12", "d"}).values.at("--max"), ElementsAre("12"));
}

TEST(Parser, KafkasSpellingsAreAliases) {
  const Invocation got = parse({"log", "ls", "d", "--bootstrap-server", "a:1"});
  ASSERT_EQ(got.error, "");
  EXPECT_THAT(got.values.at("--bootstrap"), ElementsAre("a:1"));
}

TEST(Parser, ANegativeNumberIsNoFlag) {
  const Invocation got = parse({"errors", "lookup", "-1"});
  ASSERT_EQ(got.error, "");
  EXPECT_THAT(got.args, ElementsAre("-1"));
}

TEST(Parser, WordsBehindTwoDashesAreArguments) {
  EXPECT_THAT(parse({"log", "ls", "--", "--dir"}).args, ElementsAre("--dir"));
}

TEST(Parser, ACommandThatPassesEverythingOn) {
  const Invocation got = parse({"bench", "produce", "--size", "100", "-b", "x"});
  EXPECT_EQ(got.command->path, "bench");
  EXPECT_THAT(got.args, ElementsAre("produce", "--size", "100", "-b", "x"));
}

TEST(Parser, MisspeltWordsAreCorrected) {
  EXPECT_THAT(parse({"lgo"}).error, HasSubstr("did you mean 'log'?"));
  EXPECT_THAT(parse({"log", "verfiy", "d"}).error, HasSubstr("did you mean 'verify'?"));
  EXPECT_THAT(parse({"log", "dump", "--recrods", "d"}).error,
              HasSubstr("did you mean '--records'?"));
  EXPECT_THAT(parse({"log", "ls", "d", "--output", "jsno"}).error,
              HasSubstr("did you mean 'json'?"));
  EXPECT_EQ(parse({"qwertyuiop"}).error.find("did you mean"), std::string::npos);
}

TEST(Parser, WhatIsMissingOrTooMuch) {
  EXPECT_THAT(parse({"log", "ls"}).error, HasSubstr("needs DIR"));
  EXPECT_THAT(parse({"log", "ls", "a", "b"}).error, HasSubstr("'b' is one argument too many"));
  EXPECT_THAT(parse({"log", "dump", "d", "--from"}).error, HasSubstr("--from needs a value"));
  EXPECT_THAT(parse({"log", "dump", "d", "--from", "x"}).error, HasSubstr("'x' is no whole"));
  EXPECT_THAT(parse({"log", "dump", "d", "--from", "1", "--from", "2"}).error,
              HasSubstr("given twice"));
  EXPECT_THAT(parse({"log", "dump", "d", "--records=yes"}).error, HasSubstr("takes no value"));
  EXPECT_THAT(parse({"log", "ls", "d", "-X", "abc"}).error, HasSubstr("not name=value"));
}

TEST(Parser, HelpNeedsNoArguments) {
  EXPECT_EQ(parse({"log", "ls", "--help"}).error, "");
  EXPECT_EQ(parse({"log", "ls", "--output", "help"}).error, "");
}

TEST(Parser, AFamilyAloneIsNoCommand) {
  const Invocation got = parse({"log"});
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.command, nullptr);
  EXPECT_EQ(got.words, "log");
}

}  // namespace
}  // namespace horolog::command
