#include "bench/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace horolog::bench {

void LatencyHistogram::record(std::int64_t nanoseconds) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
  ++counts_[std::min(index(value), bucket_count - 1)];
  ++count_;
  sum_ += static_cast<std::int64_t>(value);
  max_ = std::max(max_, static_cast<std::int64_t>(value));
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t n = 0; n < bucket_count; ++n) counts_[n] += other.counts_[n];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

void LatencyHistogram::add(std::int64_t first_ns, std::uint64_t count) {
  if (count == 0) return;
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(first_ns, 0));
  const std::size_t bucket = std::min(index(value), bucket_count - 1);
  counts_[bucket] += count;
  count_ += count;
  sum_ += lower_bound(bucket) * static_cast<std::int64_t>(count);
  max_ = std::max(max_, lower_bound(bucket + 1) - 1);
}

double LatencyHistogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t LatencyHistogram::quantile(double q) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t n = 0; n < bucket_count; ++n) {
    seen += counts_[n];
    if (seen != 0 && seen >= rank) return std::min(max_, lower_bound(n + 1) - 1);
  }
  return 0;
}

std::string LatencyHistogram::to_json(bool buckets) const {
  const auto us = [](double ns) { return ns / 1000.0; };
  std::string json = fmt::format(R"({{"count":{},"mean_us":{:.1f})", count_, us(mean()));
  constexpr std::pair<const char*, double> quantiles[] = {
      {"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"p999_us", 0.999}};
  for (const auto& [name, q] : quantiles) {
    json += fmt::format(R"(,"{}":{:.1f})", name, us(static_cast<double>(quantile(q))));
  }
  json += fmt::format(R"(,"max_us":{:.1f})", us(static_cast<double>(max_)));
  if (!buckets) return json + "}";
  json += R"(,"buckets":[)";
  const char* separator = "";
  for (std::size_t n = 0; n < bucket_count; ++n) {
    if (counts_[n] == 0) continue;
    json += fmt::format("{}[{},{}]", separator, lower_bound(n), counts_[n]);
    separator = ",";
  }
  return json + "]}";
}

}  // namespace horolog::bench
