#include "tools/colors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tools/context.hpp"
#include "tools/table_text.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {{.name = "group", .key = true}, {"status"},
                              {"lag", ColumnType::integer}};
constexpr SectionSpec groups{"groups", columns};

Report sample() {
  Report report;
  Section& rows = report.add(groups);
  rows.rows.push_back({std::string("ok"), std::string("STALLED"), std::int64_t{12}});
  rows.rows.push_back({std::string("b"), std::string("OK"), std::int64_t{0}});
  rows.rows.push_back({std::string("c"), std::string("elsewhere"), Cell()});
  return report;
}

/// Colours take no room: what remains without them is the plain table.
std::string without_colors(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      out += text[i];
    }
  }
  return out;
}

TEST(Colors, AreOnStatesAndTitlesOnly) {
  const std::string text = table_text(sample(), {.colors = true});
  EXPECT_NE(text.find("\x1b[1mGROUP\x1b[0m"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[31mSTALLED\x1b[0m"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[32mOK\x1b[0m"), std::string::npos) << text;
  EXPECT_NE(text.find("\nok "), std::string::npos) << "a group's name is no state: " << text;
  EXPECT_NE(text.find("  elsewhere"), std::string::npos) << text;
  EXPECT_EQ(without_colors(text), table_text(sample(), {}));
}

TEST(Colors, AStateIsKnownByItsFirstWord) {
  EXPECT_EQ(painted("status", "stalled: no calendar"), "\x1b[31mstalled: no calendar\x1b[0m");
  EXPECT_EQ(painted("status", "okay"), "okay");
  EXPECT_EQ(painted("topic", "dead"), "dead");
}

bool wanted(const char* setting, bool terminal) {
  ClientSettings settings;
  EXPECT_TRUE(settings.set("color", setting, "test").ok());
  return wants_colors(Context({}, settings, {.out_is_terminal = terminal}, OutputMode::table));
}

TEST(Colors, AreForTerminalsUnlessSomebodySaysOtherwise) {
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  EXPECT_TRUE(wanted("auto", true));
  EXPECT_FALSE(wanted("auto", false));
  EXPECT_TRUE(wanted("always", false));
  EXPECT_FALSE(wanted("never", true));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(wanted("auto", true));
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(wanted("auto", true));
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(wanted("auto", true));
}

}  // namespace
}  // namespace horolog::command
