#include "admin/metrics_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <limits>

namespace horolog::admin {
namespace {

using testing::HasSubstr;

TEST(MetricsWriter, PutsSamplesOfOneMetricTogetherUnderOneHead) {
  MetricsWriter out;
  out.counter("horolog_requests_total", "Requests.", 1, {{"api", "Produce"}});
  out.gauge("horolog_connections", "Open now.", 7);
  out.counter("horolog_requests_total", "Requests.", 18446744073709551615U, {{"api", "Fetch"}});
  EXPECT_EQ(out.text(),
            "# HELP horolog_requests_total Requests.\n"
            "# TYPE horolog_requests_total counter\n"
            "horolog_requests_total{api=\"Produce\"} 1\n"
            "horolog_requests_total{api=\"Fetch\"} 18446744073709551615\n"
            "# HELP horolog_connections Open now.\n"
            "# TYPE horolog_connections gauge\n"
            "horolog_connections 7\n");
}

TEST(MetricsWriter, EscapesLabelsAndHelp) {
  MetricsWriter out;
  out.gauge("horolog_x_bytes", "a\\b\n\"c\"", 1, {{"topic", "a\\b\n\"c\""}, {"p", ""}});
  EXPECT_EQ(out.text(),
            "# HELP horolog_x_bytes a\\\\b\\n\"c\"\n"
            "# TYPE horolog_x_bytes gauge\n"
            "horolog_x_bytes{topic=\"a\\\\b\\n\\\"c\\\"\",p=\"\"} 1\n");
}

TEST(MetricsWriter, WritesNumbersAsPrometheusReadsThem) {
  MetricsWriter out;
  out.gauge("horolog_a_bytes", "h", 123456789012345.0);
  out.gauge("horolog_b_seconds", "h", 0.25);
  out.gauge("horolog_c_seconds", "h", std::numeric_limits<double>::infinity());
  out.gauge("horolog_d_seconds", "h", std::numeric_limits<double>::quiet_NaN());
  out.counter_seconds("horolog_e_seconds_total", "h", 1.5);
  EXPECT_THAT(out.text(), AllOf(HasSubstr("_a_bytes 123456789012345\n"), HasSubstr(" 0.25\n"),
                                HasSubstr(" +Inf\n"), HasSubstr(" NaN\n"), HasSubstr(" 1.5\n")));
}

TEST(MetricsWriter, HistogramBucketsAreCumulative) {
  Histogram histogram;
  histogram.record_ns(1'000);            // below the first bound, 16,384 ns
  histogram.record_ns(100'000);          // up to 131,072 ns
  histogram.record_ns(90'000'000'000);   // above the last bound
  MetricsWriter out;
  out.histogram("horolog_sync_seconds", "h", histogram.snapshot(), {{"api", "x"}});
  const std::string text = out.text();
  EXPECT_THAT(text, HasSubstr("horolog_sync_seconds_bucket{api=\"x\",le=\"1.6384e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"6.5536e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.000131072\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"68.719476736\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("horolog_sync_seconds_sum{api=\"x\"} 90.000101\n"));
  EXPECT_THAT(text, HasSubstr("horolog_sync_seconds_count{api=\"x\"} 3\n"));
}

TEST(MetricsWriterDeathTest, ABadNameIsABug) {
  MetricsWriter out;
  EXPECT_DEATH(out.counter("horolog_requests", "h", 1), "_total");
  EXPECT_DEATH(out.gauge("requests", "h", 1), "is_name");
  EXPECT_DEATH(out.gauge("horolog_Requests", "h", 1), "is_name");
  out.gauge("horolog_x", "h", 1);
  EXPECT_DEATH(out.histogram("horolog_x", "h", {}), "_seconds");
}

/// The reference judge. It is part of the development packages, so its absence is a failure.
TEST(MetricsWriter, PromtoolFindsNothingToSay) {
  Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.record_ns(i * 1'000'000);
  MetricsWriter out;
  out.counter("horolog_requests_total", "Requests.", 3, {{"api", "Produce"}, {"e", "a\"b\\\n"}});
  out.gauge("horolog_disk_free_bytes", "Free space of the data directory.", 1e12);
  out.histogram("horolog_request_duration_seconds", "Time to answer.", histogram.snapshot(),
                {{"api", "Fetch"}});
  FILE* promtool = popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = out.text();
  ASSERT_EQ(fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0) << "promtool's words stand above; the text was:\n" << text;
}

}  // namespace
}  // namespace horolog::admin
