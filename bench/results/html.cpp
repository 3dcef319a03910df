#include "bench/results/html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/results/document.hpp"
#include "bench/results/metrics.hpp"

namespace horolog::bench {
namespace {

constexpr std::string_view style = R"(<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
table { border-collapse: collapse; margin: .5rem 0; }
td, th { padding: .15rem .7rem; text-align: left; border-bottom: 1px solid #8884; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.durable { color: #187a3d; font-weight: 600; } .memory { color: #b45309; font-weight: 600; }
svg { display: block; margin: .4rem 0 .8rem; } svg text { fill: currentColor; font-size: 12px; }
pre { white-space: pre-wrap; }
</style>
)";

constexpr const char* colours[] = {"#2563eb", "#d97706", "#9333ea", "#0d9488", "#db2777"};
constexpr int label_width = 260;
constexpr int bar_width = 460;
constexpr int row_height = 26;

struct Bar {
  std::string label;
  double median;
  double least;
  double most;
};

/// Horizontal bars of medians, with a line from the least to the most.
std::string chart(const std::string& title, const std::vector<Bar>& bars) {
  double top = 0;
  for (const Bar& bar : bars) top = std::max(top, bar.most);
  if (top <= 0) return {};
  const auto x = [top](double value) { return label_width + value / top * bar_width; };
  std::string out = fmt::format(
      "<svg role=\"img\" width=\"{}\" height=\"{}\"><title>{}</title>\n", label_width + bar_width +
      110, static_cast<int>(bars.size() + 1) * row_height, html_text(title));
  out += fmt::format("<text x=\"0\" y=\"16\" font-weight=\"600\">{}</text>\n", html_text(title));
  for (std::size_t n = 0; n < bars.size(); ++n) {
    const Bar& bar = bars[n];
    const int y = static_cast<int>(n + 1) * row_height;
    out += fmt::format("<text x=\"0\" y=\"{}\">{}</text>", y + 13, html_text(bar.label));
    out += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>", label_width, y + 1,
        x(bar.median) - label_width, colours[n % std::size(colours)]);
    out += fmt::format(
        "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\" stroke=\"currentColor\"/>",
        x(bar.least), x(bar.most), y + 9, y + 9);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{}</text>\n", x(bar.most) + 6, y + 13,
                       figure(bar.median));
  }
  return out + "</svg>\n";
}

std::string charts_of(const std::vector<const Series*>& work) {
  std::string out;
  for (const Metric& metric : judged_metrics()) {
    const std::string field(metric.field);
    std::vector<Bar> bars;
    for (const Series* series : work) {
      if (!series->has(field)) continue;
      const auto& all = series->numbers.at(field);
      const auto [least, most] = std::minmax_element(all.begin(), all.end());
      const double median = metric.factor * series->median(field);
      bars.push_back({series->system, median, std::min(median, metric.factor * *least),
                      std::max(median, metric.factor * *most)});
    }
    const std::string better = metric.more_is_better ? "more is better" : "less is better";
    if (!bars.empty()) out += chart(fmt::format("{} ({})", metric.title, better), bars);
  }
  return out;
}

std::string acks_of(const std::vector<const Series*>& work) {
  std::string out = "<table><tr><th>system</th><th>an answer meant</th><th>runs</th></tr>\n";
  for (const Series* series : work) {
    std::size_t runs = 0;
    for (const auto& [name, values] : series->numbers) runs = std::max(runs, values.size());
    const bool durable = series->ack_meaning.starts_with("DURABLE");
    out += fmt::format("<tr><td>{}</td><td class=\"{}\">{}</td><td class=\"n\">{}</td></tr>\n",
                       html_text(series->system), durable ? "durable" : "memory",
                       html_text(series->ack_meaning.empty() ? "–" : series->ack_meaning), runs);
  }
  return out + "</table>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string write_html(const Document& document) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<title>horolog-bench</title>\n";
  out += style;
  out += "</head><body>\n<h1>horolog-bench</h1>\n<table>\n";
  for (const auto& [key, value] : document.machine) {
    out += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", html_text(key), html_text(value));
  }
  out += fmt::format("</table>\n<pre>{}</pre>\n", html_text(document.command));
  out +=
      "<p>Bars are medians over the repetitions, lines the range; percentiles come from merged "
      "histograms.</p>\n";
  const std::vector<Series> all = series_of(document);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const auto same = [&](const Series& one) { return one.work == all[n].work; };
    if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n), same)) continue;
    std::vector<const Series*> work;
    for (const Series& one : all) {
      if (same(one)) work.push_back(&one);
    }
    out += fmt::format("<h2>{}</h2>\n", html_text(all[n].work));
    out += acks_of(work) + charts_of(work);
  }
  return out + "</body></html>\n";
}

}  // namespace horolog::bench
