#include "tools/render.hpp"

#include <gtest/gtest.h>

namespace horolog::command {
namespace {

constexpr Column fact_columns[] = {{"group"}, {"members", ColumnType::integer}};
constexpr Column row_columns[] = {
    {.name = "topic", .key = true},
    {.name = "part", .type = ColumnType::integer, .key = true},
    {"lag_time", ColumnType::duration, "how far behind"},
    {"at", ColumnType::time},
    {.name = "error", .when_used = true},
    {.name = "id", .wide = true},
};
constexpr SectionSpec specs[] = {{"summary", fact_columns, true}, {"rows", row_columns}};

Report sample() {
  Report report;
  report.add(specs[0]).rows.push_back({std::string("g"), std::int64_t{2}});
  Section& rows = report.add(specs[1]);
  rows.rows.push_back({std::string("a,\"b"), std::int64_t{0}, std::int64_t{11'520'000},
                       std::int64_t{1'769'850'000'000}, Cell(), std::string("x")});
  rows.rows.push_back({std::string("é"), std::int64_t{10}, Cell(), Cell(), Cell(), Cell()});
  return report;
}

TEST(Render, Table) {
  EXPECT_EQ(render(sample(), OutputMode::table),
            "GROUP    g\n"
            "MEMBERS  2\n"
            "\n"
            "TOPIC  PART  LAG-TIME  AT\n"
            "a,\"b      0     3h12m  2026-01-31T09:00:00.000Z\n"
            "é        10         -  -\n");
}

TEST(Render, WideAddsColumns) {
  EXPECT_NE(render(sample(), OutputMode::wide).find("AT                        ID"),
            std::string::npos);
}

TEST(Render, Json) {
  EXPECT_EQ(render(sample(), OutputMode::json),
            "{\n"
            "  \"group\": \"g\",\n"
            "  \"members\": 2,\n"
            "  \"rows\": [\n"
            "    {\"topic\": \"a,\\\"b\", \"part\": 0, \"lag_time_ms\": 11520000, "
            "\"at\": \"2026-01-31T09:00:00.000Z\", \"at_ms\": 1769850000000, \"error\": null, "
            "\"id\": \"x\"},\n"
            "    {\"topic\": \"é\", \"part\": 10, \"lag_time_ms\": null, \"at\": null, "
            "\"at_ms\": null, \"error\": null, \"id\": null}\n"
            "  ]\n"
            "}\n");
}

TEST(Render, JsonOfNothing) {
  Report report;
  report.add(specs[1]);
  EXPECT_EQ(render(report, OutputMode::json), "{\n  \"rows\": []\n}\n");
  EXPECT_EQ(render(report, OutputMode::yaml), "rows: []\n");
  EXPECT_EQ(render(report, OutputMode::jsonl), "");
}

TEST(Render, CsvQuotesAndNamesItsColumns) {
  EXPECT_EQ(render(sample(), OutputMode::csv),
            "topic,part,lag_time_ms,at,at_ms,error,id\n"
            "\"a,\"\"b\",0,11520000,2026-01-31T09:00:00.000Z,1769850000000,,x\n"
            "é,10,,,,,\n");
}

TEST(Render, NamesAreTheKeys) {
  EXPECT_EQ(render(sample(), OutputMode::name), "a,\"b:0\né:10\n");
}

TEST(Render, Yaml) {
  EXPECT_EQ(render(sample(), OutputMode::yaml),
            "group: \"g\"\n"
            "members: 2\n"
            "rows:\n"
            "  - topic: \"a,\\\"b\"\n"
            "    part: 0\n"
            "    lag_time_ms: 11520000\n"
            "    at: \"2026-01-31T09:00:00.000Z\"\n"
            "    at_ms: 1769850000000\n"
            "    error: null\n"
            "    id: \"x\"\n"
            "  - topic: \"é\"\n"
            "    part: 10\n"
            "    lag_time_ms: null\n"
            "    at: null\n"
            "    at_ms: null\n"
            "    error: null\n"
            "    id: null\n");
}

TEST(Render, TheSchemaNamesWhatJsonHas) {
  EXPECT_EQ(render_schema(std::span(specs)),
            "group: string\n"
            "members: integer\n"
            "rows: array of\n"
            "  topic: string\n"
            "  part: integer\n"
            "  lag_time_ms: integer; how far behind\n"
            "  at: string (RFC 3339)\n"
            "  at_ms: integer; the same, since 1970\n"
            "  error: string\n"
            "  id: string\n");
}

TEST(Render, ModesByName) {
  EXPECT_EQ(parse_output_mode("jsonl"), OutputMode::jsonl);
  EXPECT_EQ(parse_output_mode("JSON"), std::nullopt);
}

}  // namespace
}  // namespace horolog::command
