#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace horolog {
namespace {

using Layout = HistogramLayout;

TEST(HistogramLayout, BucketsTouchAndGrowByAnEighthAtMost) {
  for (std::size_t i = 0; i + 1 < Layout::buckets; ++i) {
    const std::int64_t bound = Layout::upper_bound_ns(i);
    ASSERT_EQ(Layout::index(bound - 1), i);
    ASSERT_EQ(Layout::index(bound), i + 1);
    const std::int64_t width = Layout::upper_bound_ns(i + 1) - bound;
    if (i >= Layout::sub_buckets) {
      ASSERT_LE(width * 8, bound) << i;
    }
  }
  EXPECT_EQ(Layout::index(std::numeric_limits<std::int64_t>::max()), Layout::buckets - 1);
  EXPECT_EQ(Layout::index(-5), 0U) << "a clock that stepped back counts as no time";
}

TEST(Histogram, QuantilesAreUpperBoundsOfTheRightBucket) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record_ns(i * 1'000'000LL);
  const HistogramSnapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.count, 1000U);
  EXPECT_EQ(snapshot.sum_ns, 500'500'000'000);
  for (const double q : {0.5, 0.9, 0.99, 1.0}) {
    const double exact = q * 1e9;
    const auto found = static_cast<double>(snapshot.quantile_ns(q));
    EXPECT_GE(found, exact) << q;
    EXPECT_LE(found, exact * 1.126) << q;
  }
  EXPECT_EQ(HistogramSnapshot{}.quantile_ns(0.5), 0);
}

TEST(Histogram, MergingIsAddingUp) {
  Histogram a, b;
  a.record_ns(1'000);
  b.record_ns(1'000'000);
  b.record_ns(1'000'000);
  HistogramSnapshot sum = a.snapshot();
  sum.merge(b.snapshot());
  EXPECT_EQ(sum.count, 3U);
  EXPECT_EQ(sum.sum_ns, 2'001'000);
  EXPECT_EQ(sum.counts[Layout::index(1'000'000)], 2U);
}

TEST(Counter, LosesNothingBetweenThreads) {
  Counter counter;
  Gauge gauge;
  Histogram histogram;
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        gauge.add(3);
        gauge.subtract(2);
        histogram.record_ns(i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 100'000U);
  EXPECT_EQ(gauge.value(), 100'000);
  EXPECT_EQ(histogram.snapshot().count, 100'000U);
}

}  // namespace
}  // namespace horolog
