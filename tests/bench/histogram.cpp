#include "bench/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace horolog::bench {
namespace {

TEST(LatencyHistogram, QuantilesAreWithinABucketOfTheTruth) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const auto histogram = std::make_unique<LatencyHistogram>();
  std::vector<std::int64_t> values(20'000);
  for (std::int64_t& value : values) {
    value = static_cast<std::int64_t>(random() >> (25 + random() % 39));
    histogram->record(value);
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * 20'000.0)) - 1;
    const std::int64_t exact = values[rank];
    EXPECT_GE(histogram->quantile(q), exact) << q;
    EXPECT_LE(histogram->quantile(q), exact + exact / 60 + 1) << q;
  }
  EXPECT_EQ(histogram->max(), values.back());
  EXPECT_EQ(histogram->count(), values.size());
}

TEST(LatencyHistogram, MergingEqualsRecordingTogether) {
  const auto one = std::make_unique<LatencyHistogram>();
  const auto two = std::make_unique<LatencyHistogram>();
  const auto both = std::make_unique<LatencyHistogram>();
  for (std::int64_t n = 1; n < 2'000'000; n = n * 9 / 8 + 1) {
    ((n & 1) != 0 ? one : two)->record(n);
    both->record(n);
  }
  one->merge(*two);
  EXPECT_EQ(one->to_json(true), both->to_json(true));
  EXPECT_EQ(one->count(), both->count());
}

TEST(LatencyHistogram, EdgesAreKept) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  EXPECT_EQ(histogram->quantile(0.5), 0);
  histogram->record(-5);
  EXPECT_EQ(histogram->quantile(1.0), 0);
  histogram->record(std::int64_t{1} << 60);
  EXPECT_EQ(histogram->max(), std::int64_t{1} << 60);
  EXPECT_EQ(histogram->count(), 2U);
  EXPECT_NE(histogram->to_json(true).find(R"("buckets":[[0,1],)"), std::string::npos);
  EXPECT_EQ(histogram->to_json(false).find("buckets"), std::string::npos);
}

}  // namespace
}  // namespace horolog::bench
