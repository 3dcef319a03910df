#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "horologd/assignment.hpp"

namespace horolog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  Assignments assignments;
  Problems problems;

  std::vector<std::string> pairs() const {
    std::vector<std::string> out;
    for (const Assignment& a : assignments) out.push_back(a.name + "=" + a.value);
    return out;
  }
  std::vector<std::string> messages() const {
    std::vector<std::string> out;
    for (const Problem& p : problems) out.push_back(p.to_string());
    return out;
  }
};

Read yaml(const std::string& text) {
  Read out;
  read_yaml("f.yaml", text, out.assignments, out.problems);
  return out;
}

Read properties(const std::string& text) {
  Read out;
  read_properties("f.properties", text, out.assignments, out.problems);
  return out;
}

Read environment(const std::vector<std::pair<std::string, std::string>>& variables) {
  Read out;
  read_environment(variables, out.assignments, out.problems);
  return out;
}

TEST(Yaml, NestedFlatAndMixedKeysMeanTheSame) {
  const Read read = yaml("a.b.c: 1\nd:\n  e: {f: 2, g.h: x}\n");
  EXPECT_THAT(read.pairs(), ElementsAre("a.b.c=1", "d.e.f=2", "d.e.g.h=x"));
  EXPECT_THAT(read.messages(), IsEmpty());
}

TEST(Yaml, ScalarsStayTheTextTheyAre) {
  const Read read = yaml("a: 010\nb: no\nc: 1_000\nd: '~'\ne: \"x: y\"\nf: \"\"\n");
  EXPECT_THAT(read.pairs(), ElementsAre("a=010", "b=no", "c=1_000", "d=~", "e=x: y", "f="));
}

TEST(Yaml, ListsAreJoined) {
  EXPECT_THAT(yaml("l: [a, 'b:1']\nm:\n  - c\n  - d\n").pairs(), ElementsAre("l=a,b:1", "m=c,d"));
}

TEST(Yaml, PlacesCountFromOneAndPointAtKeyAndValue) {
  const Read read = yaml("# comment\nlog:\n  segment.bytes:   5\n");
  ASSERT_EQ(read.assignments.size(), 1U);
  EXPECT_EQ(read.assignments[0].name_place.to_string(), "f.yaml:3:3");
  EXPECT_EQ(read.assignments[0].value_place.to_string(), "f.yaml:3:20");
}

TEST(Yaml, DuplicatesAreErrorsEvenWhenOneIsNested) {
  const Read read = yaml("a.b: 1\nx: 1\na: {b: 2}\nx: 1\n");
  EXPECT_THAT(read.messages(),
              ElementsAre("error: f.yaml:3:5: duplicate key 'a.b' (first set in line 1)\n"
                          "    3 | a: {b: 2}\n"
                          "      |     ^",
                          HasSubstr("f.yaml:4:1: duplicate key 'x' (first set in line 2)")));
}

TEST(Yaml, WhatIsNoSettingIsRefused) {
  EXPECT_THAT(yaml("a:\nb: 1\n").messages(), ElementsAre(HasSubstr("'a' has no value")));
  EXPECT_THAT(yaml("a: {}\n").messages(), ElementsAre(HasSubstr("'a' has no value")));
  EXPECT_THAT(yaml("a: [[1]]\n").messages(), ElementsAre(HasSubstr("list of plain values")));
  EXPECT_THAT(yaml("[a]: 1\n").messages(), ElementsAre(HasSubstr("must be the name")));
  EXPECT_THAT(yaml("- a\n").messages(), ElementsAre(HasSubstr("must be a map")));
  EXPECT_THAT(yaml("a: 1\n---\nb: 2\n").messages(), ElementsAre(HasSubstr("second document")));
  EXPECT_THAT(yaml("a: 1\n b: [\n").messages(), ElementsAre(HasSubstr("f.yaml:2:")));
  EXPECT_THAT(yaml("a: [\n").messages(), ElementsAre(HasSubstr("not valid YAML")));
}

TEST(Yaml, AnAliasOfItselfEnds) {
  EXPECT_THAT(yaml("a: &x {b: *x}\n").messages(), ElementsAre(HasSubstr("nested too deeply")));
}

TEST(Yaml, EmptyFilesAreFine) {
  EXPECT_THAT(yaml("").messages(), IsEmpty());
  EXPECT_THAT(yaml("# nothing\n").messages(), IsEmpty());
}

TEST(Properties, ReadsWhatJavaReads) {
  const Read read = properties(
      "# comment\n! comment\n\nnode.id=1\n  listeners = A://h:1,B://h:2 \nlog.dirs:/x\n"
      "num.partitions 3\nlong=a,\\\n   b\npath=C\\:\\\\x\nuni=\\u00e9\nempty=\n");
  EXPECT_THAT(read.pairs(),
              ElementsAre("node.id=1", "listeners=A://h:1,B://h:2", "log.dirs=/x",
                          "num.partitions=3", "long=a,b", "path=C:\\x", "uni=\xc3\xa9", "empty="));
  EXPECT_EQ(read.assignments[1].value_place.to_string(), "f.properties:5:15");
}

TEST(Properties, DuplicatesAreErrors) {
  EXPECT_THAT(properties("a=1\nb=2\na=3\n").messages(),
              ElementsAre(HasSubstr("f.properties:3:1: duplicate key 'a' (first set in line 1)")));
}

TEST(Environment, MapsNamesAsKafkasImageDoes) {
  EXPECT_EQ(setting_name_of_variable("LOG_SEGMENT_BYTES"), "log.segment.bytes");
  EXPECT_EQ(setting_name_of_variable("A__B___C_D"), "a_b-c.d");
}

TEST(Environment, BothPrefixesAndOurOwnNames) {
  const Read read = environment({{"KAFKA_LOG_SEGMENT_BYTES", "1GiB"},
                                 {"HOROLOG_NODE_ID", "2"},
                                 {"HOROLOG_DURABILITY", "os"},
                                 {"PATH", "/bin"}});
  EXPECT_THAT(read.pairs(),
              ElementsAre("horolog.durability=os", "log.segment.bytes=1GiB", "node.id=2"));
  EXPECT_THAT(read.messages(), IsEmpty());
  EXPECT_EQ(read.assignments[1].name_place.to_string(), "KAFKA_LOG_SEGMENT_BYTES");
}

TEST(Environment, UnknownNamesOnlyWarn) {
  const Read read = environment({{"KAFKA_HEAP_OPTS", "-Xmx1g"}, {"HOROLOG_NODE_IDD", "1"}});
  ASSERT_EQ(read.problems.size(), 2U);
  EXPECT_FALSE(has_fatal(read.problems));
  EXPECT_THAT(read.problems[1].message, HasSubstr("did you mean 'node.id'?"));
  EXPECT_THAT(read.assignments, IsEmpty());
}

TEST(Environment, TwoVariablesThatDisagreeAreAnError) {
  EXPECT_TRUE(has_fatal(environment({{"KAFKA_NODE_ID", "1"}, {"HOROLOG_NODE_ID", "2"}}).problems));
  EXPECT_FALSE(has_fatal(environment({{"KAFKA_NODE_ID", "1"}, {"HOROLOG_NODE_ID", "1"}}).problems));
}

TEST(ConfigFile, SaysWhyItCannotBeRead) {
  Read read;
  read_config_file("/nonexistent/horologd.yaml", read.assignments, read.problems);
  read_config_file("/", read.assignments, read.problems);
  EXPECT_THAT(read.messages(),
              ElementsAre("error: /nonexistent/horologd.yaml: cannot read the configuration file: "
                          "No such file or directory",
                          "error: /: is not a file"));
}

TEST(ConfigFile, AnEndlessFileIsRefused) {
  Read read;
  read_config_file("/dev/zero", read.assignments, read.problems);
  EXPECT_THAT(read.messages(), ElementsAre(HasSubstr("larger than 1 MiB")));
}

TEST(Problem, TheCaretStandsBelowTheSpotAfterTabs) {
  const Problem problem{true, {"f", 12, 3, "\t x"}, "bad"};
  EXPECT_EQ(problem.to_string(), "error: f:12:3: bad\n   12 | \t x\n      | \t ^");
}

}  // namespace
}  // namespace horolog
