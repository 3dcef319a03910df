#include "bench/results/document.hpp"

#include <gtest/gtest.h>

#include "bench/results/html.hpp"

namespace horolog::bench {
namespace {

Run run_of(const std::string& system, int repetition, const std::string& json) {
  return parse_run("work", system, repetition, json).value();
}

LatencyHistogram histogram_of(std::initializer_list<std::int64_t> values) {
  LatencyHistogram histogram;
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

std::string result_with(const LatencyHistogram& latency) {
  return R"({"program":"p","latency":)" + latency.to_json(true) + "}";
}

TEST(Document, AResultIsTakenApart) {
  const auto run = run_of("Horolog", 1,
                         R"({"program":"txn","n":3,"rate":1.5,"latency":{"p99_us":7}})");
  EXPECT_EQ(run.texts.at("program"), "txn");
  EXPECT_EQ(run.numbers.at("n"), 3);
  EXPECT_EQ(run.numbers.at("rate"), 1.5);
  EXPECT_EQ(run.numbers.at("latency.p99_us"), 7);
  EXPECT_FALSE(parse_run("w", "s", 1, "no json").ok());
  EXPECT_FALSE(parse_run("w", "s", 1, "[1]").ok());
}

TEST(Document, WhatIsWrittenIsRead) {
  Document document;
  document.machine = {{"kernel", "Linux \"6\""}};
  document.command = "horolog-bench versus\nkafka";
  document.runs.push_back(run_of("A\"B", 1, R"({"mb_per_s":10.5})"));
  document.runs.push_back(run_of("other", 2, R"({"mb_per_s":11})"));
  const Document read = read_document(write_document(document)).value();
  EXPECT_EQ(read.machine, document.machine);
  EXPECT_EQ(read.command, document.command);
  ASSERT_EQ(read.runs.size(), 2U);
  EXPECT_EQ(read.runs[0].system, "A\"B");
  EXPECT_EQ(read.runs[1].repetition, 2);
  EXPECT_EQ(read.runs[0].numbers.at("mb_per_s"), 10.5);
}

TEST(Document, OtherFilesAreRefusedWithAReason) {
  for (const char* text : {"", "{}", "[]", R"({"format":"horolog-bench/2","runs":[]})",
                           R"({"format":"horolog-bench/1"})",
                           R"({"format":"horolog-bench/1","runs":[{"work":"w"}]})",
                           R"({"format":"horolog-bench/1",
                               "runs":[{"repetition":1,"result":[]}]})"}) {
    const auto read = read_document(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code(), Errc::corrupt);
  }
}

TEST(Document, PercentilesOfRepetitionsComeFromTheMergedHistogram) {
  // The median of the two p50 would be about 500 µs; nine tenths of all requests took 1 µs.
  Document document;
  document.runs.push_back(run_of("s", 1, result_with(histogram_of({1000, 1000, 1000, 1000, 1000,
                                                                   1000, 1000, 1000, 1000}))));
  document.runs.push_back(run_of("s", 2, result_with(histogram_of({1'000'000}))));
  const auto series = series_of(document);
  ASSERT_EQ(series.size(), 1U);
  EXPECT_NEAR(series[0].median("latency.p50_us"), 1.0, 0.02);
  EXPECT_NEAR(series[0].median("latency.p99_us"), 1000, 20);
}

TEST(Document, BucketsAddUpToTheSameHistogram) {
  const LatencyHistogram whole = histogram_of({5, 100, 1234, 99'999, 7'000'000});
  const auto run = run_of("s", 1, result_with(whole));
  const LatencyHistogram& again = run.histograms.at("latency");
  EXPECT_EQ(again.count(), whole.count());
  for (const double q : {0.2, 0.5, 0.8}) EXPECT_EQ(again.quantile(q), whole.quantile(q)) << q;
  EXPECT_NEAR(static_cast<double>(again.max()), 7'000'000, 7'000'000 / 60.0);
}

TEST(Document, CsvQuotesWhatNeedsIt) {
  Document document;
  document.runs.push_back(
      parse_run("a, \"b\"", "s", 1, R"({"ack_meaning":"x,y","n":2})").value());
  EXPECT_EQ(write_csv(document),
            "work,system,repetition,field,value\n"
            "\"a, \"\"b\"\"\",s,1,ack_meaning,\"x,y\"\n"
            "\"a, \"\"b\"\"\",s,1,n,2\n");
}

TEST(Document, HtmlEscapesAndStandsAlone) {
  EXPECT_EQ(html_text("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  Document document;
  document.machine = {{"<k>", "&v"}};
  document.command = "<script>alert(1)</script>";
  document.runs.push_back(
      parse_run("<w>", "<s>", 1, R"({"mb_per_s":2,"ack_meaning":"DURABLE <b>"})").value());
  const std::string page = write_html(document);
  for (const char* bad :
       {"<script", "<w>", "<s>", "<k>", "<b>", "http:", "https:", "src=", "url("}) {
    EXPECT_EQ(page.find(bad), std::string::npos) << bad;
  }
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("class=\"durable\">DURABLE &lt;b&gt;"), std::string::npos);
}

TEST(Document, TheTableSaysWhatAnAnswerMeant) {
  Document document;
  document.runs.push_back(run_of("s", 1, R"({"mb_per_s":2,"ack_meaning":"DURABLE"})"));
  document.runs.push_back(run_of("s", 2, R"({"mb_per_s":4,"ack_meaning":"DURABLE"})"));
  EXPECT_NE(write_table(document).find("| work | s | DURABLE | 3 (2–4) MB/s |"),
            std::string::npos)
      << write_table(document);
}

}  // namespace
}  // namespace horolog::bench
