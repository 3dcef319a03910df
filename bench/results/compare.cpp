#include "bench/results/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "bench/results/metrics.hpp"

namespace horolog::bench {
namespace {

constexpr double least_change = 0.03;
constexpr double least_sure = 0.05;
/// More samples than this a side are thinned out: the exact test counts subsets.
constexpr std::size_t most_samples = 10;

/// Twice the Mann-Whitney U: pairs in which the second is larger count 2, ties 1.
int doubled_u(const std::vector<double>& pooled, std::uint32_t second_mask) {
  int sum = 0;
  for (std::size_t i = 0; i < pooled.size(); ++i) {
    if ((second_mask >> i & 1U) == 0) continue;
    for (std::size_t j = 0; j < pooled.size(); ++j) {
      if ((second_mask >> j & 1U) != 0) continue;
      sum += pooled[i] > pooled[j] ? 2 : pooled[i] == pooled[j] ? 1 : 0;
    }
  }
  return sum;
}

std::vector<double> thinned(const std::vector<double>& values) {
  if (values.size() <= most_samples) return values;
  std::vector<double> out;
  for (std::size_t n = 0; n < most_samples; ++n) {
    out.push_back(values[n * values.size() / most_samples]);
  }
  return out;
}

/// The share of all ways to deal the samples into two groups that differ at least as much.
double chance_of(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> pooled = first;
  pooled.insert(pooled.end(), second.begin(), second.end());
  const auto total = static_cast<unsigned>(pooled.size());
  const auto count = static_cast<int>(second.size());
  std::uint32_t observed_mask = 0;
  for (std::size_t n = first.size(); n < pooled.size(); ++n) observed_mask |= 1U << n;
  const int centre = static_cast<int>(first.size() * second.size());
  const int observed = std::abs(doubled_u(pooled, observed_mask) - centre);
  std::uint64_t all = 0;
  std::uint64_t as_far = 0;
  for (std::uint32_t mask = 0; mask < 1U << total; ++mask) {
    if (std::popcount(mask) != count) continue;
    ++all;
    if (std::abs(doubled_u(pooled, mask) - centre) >= observed) ++as_far;
  }
  return static_cast<double>(as_far) / static_cast<double>(all);
}

/// The least chance that so many samples can show.
double least_chance(std::size_t first, std::size_t second) {
  double ways = 1;
  for (std::size_t n = 1; n <= second; ++n) {
    ways = ways * static_cast<double>(first + n) / static_cast<double>(n);
  }
  return 2 / ways;
}

void add_lines(std::string& out, const std::vector<Comparison>& lines, Verdict wanted) {
  for (const Comparison& one : lines) {
    if (one.judgement.verdict != wanted) continue;
    out += fmt::format("{:<8} {} | {} | {}: {} -> {} ({:+.1f} %, p = {:.3f})\n",
                       to_string(wanted), one.work, one.system, one.title, figure(one.first),
                       figure(one.second), 100 * (one.judgement.ratio - 1), one.judgement.chance);
  }
}

std::string machine_differences(const Document& first, const Document& second) {
  std::string out;
  for (const auto& [key, value] : first.machine) {
    const auto other = second.machine.find(key);
    const std::string there = other == second.machine.end() ? "" : other->second;
    if (key == "time" || key == "commit" || there == value) continue;
    out += fmt::format("other {}: {} -> {}\n", key, value, there);
  }
  return out;
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::better: return "BETTER";
    case Verdict::worse: return "WORSE";
    case Verdict::too_few: return "too few";
    case Verdict::same: break;
  }
  return "same";
}

Judgement judge(const std::vector<double>& first, const std::vector<double>& second,
                bool more_is_better) {
  Judgement result;
  if (first.empty() || second.empty()) return {.verdict = Verdict::too_few};
  const double before = median_of(first);
  const double after = median_of(second);
  result.ratio = before == after ? 1 : after / before;
  if (least_chance(first.size(), second.size()) >= least_sure) {
    result.verdict = Verdict::too_few;
    return result;
  }
  result.chance = chance_of(thinned(first), thinned(second));
  const double change = std::abs(after - before) / std::max(std::abs(before), 1e-300);
  if (result.chance >= least_sure || change <= least_change) return result;
  result.verdict = (after > before) == more_is_better ? Verdict::better : Verdict::worse;
  return result;
}

std::vector<Comparison> compare(const Document& first, const Document& second) {
  std::vector<Comparison> out;
  const auto others = series_of(second);
  for (const Series& a : series_of(first)) {
    const auto b = std::find_if(others.begin(), others.end(), [&](const Series& one) {
      return one.work == a.work && one.system == a.system;
    });
    if (b == others.end()) continue;
    for (const Metric& metric : judged_metrics()) {
      const std::string field(metric.field);
      if (!a.has(field) || !b->has(field)) continue;
      out.push_back(
          {a.work, a.system, std::string(metric.title), metric.factor * a.median(field),
           metric.factor * b->median(field),
           judge(a.numbers.at(field), b->numbers.at(field), metric.more_is_better)});
    }
  }
  return out;
}

std::string write_comparison(const Document& first, const Document& second) {
  const auto lines = compare(first, second);
  if (lines.empty()) return "nothing was measured in both\n";
  std::string out = machine_differences(first, second);
  for (const Verdict verdict :
       {Verdict::worse, Verdict::better, Verdict::same, Verdict::too_few}) {
    add_lines(out, lines, verdict);
  }
  return out;
}

}  // namespace horolog::bench
