#include <fmt/format.h>

#include <algorithm>

#include "bench/results/document.hpp"
#include "bench/results/metrics.hpp"

namespace horolog::bench {
namespace {

constexpr std::size_t shown_metrics = 4;

std::string spread(const std::vector<double>& values, double median, double factor) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (values.size() == 1) return figure(factor * median);
  return fmt::format("{} ({}–{})", figure(factor * median),
                     figure(factor * std::min(*least, median)),
                     figure(factor * std::max(*most, median)));
}

std::string figures_of(const Series& series) {
  std::string out;
  std::size_t shown = 0;
  for (const Metric& metric : judged_metrics()) {
    const std::string field(metric.field);
    if (!series.has(field) || shown == shown_metrics) continue;
    ++shown;
    out += fmt::format("{}{} {}", out.empty() ? "" : "; ",
                       spread(series.numbers.at(field), series.median(field), metric.factor),
                       metric.title);
  }
  return out;
}

}  // namespace

std::string write_table(const Document& document) {
  std::string out =
      "| work | system | what an answer meant | median (range) |\n|---|---|---|---|\n";
  for (const Series& series : series_of(document)) {
    out += fmt::format("| {} | {} | {} | {} |\n", series.work, series.system,
                       series.ack_meaning.empty() ? "–" : series.ack_meaning, figures_of(series));
  }
  return out;
}

}  // namespace horolog::bench
