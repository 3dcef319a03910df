// Rows printed part by part look as one report does.

#include "tools/row_stream.hpp"

#include <gtest/gtest.h>

#include "tools/key_list.hpp"

namespace horolog::command {
namespace {

constexpr Column columns[] = {{.name = "key", .key = true},
                              {"partition", ColumnType::integer},
                              {"at", ColumnType::time}};
constexpr SectionSpec spec{"commands", columns};
constexpr Command nothing{};

std::string content(std::FILE* file) {
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

std::vector<Cell> row(int i) {
  return {"key-" + std::to_string(i % 7), std::int64_t{i % 8}, std::int64_t{1'769'850'000'000 + i}};
}

/// What is printed of so many rows, in parts of three or as one report.
std::string printed(OutputMode mode, int count, bool parts, bool none_too = true) {
  Console console;
  console.out = std::tmpfile();
  Invocation invocation;
  invocation.command = &nothing;
  Context context(std::move(invocation), ClientSettings(), console, mode);
  if (parts) {
    RowStream stream(context, spec, 3);
    for (int i = 0; i < count; ++i) stream.put(row(i));
    stream.finish(none_too);
  } else {
    Report report;
    Section& section = report.add(spec);
    for (int i = 0; i < count; ++i) section.rows.push_back(row(i));
    context.print(report);
  }
  std::fseek(console.out, 0, SEEK_END);
  return content(console.out);
}

TEST(RowStream, PartsAreOneReportInEveryMode) {
  for (const OutputMode mode : {OutputMode::table, OutputMode::wide, OutputMode::json,
                                OutputMode::jsonl, OutputMode::csv, OutputMode::yaml,
                                OutputMode::name})
    for (const int count : {0, 1, 2, 3, 4, 6, 100})
      EXPECT_EQ(printed(mode, count, true), printed(mode, count, false))
          << static_cast<int>(mode) << " of " << count;
}

TEST(RowStream, WithoutARowNothingIsPrintedUnlessAsked) {
  EXPECT_EQ(printed(OutputMode::json, 0, true, false), "");
}

TEST(KeyList, SortsAndCutsIntoParts) {
  KeyList keys;
  for (const std::string_view key : {"b", "", "long key that is on the heap in a string", "a"})
    keys.add(key);
  keys.sort();
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[1], "a");
  EXPECT_EQ(keys.part(0, 3), (std::vector<std::string>{"", "a", "b"}));
  EXPECT_EQ(keys.part(3, 3).size(), 1U);
  EXPECT_TRUE(keys.part(4, 3).empty());
}

}  // namespace
}  // namespace horolog::command
