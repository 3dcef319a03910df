#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

/// Metric primitives that any layer may own: updated with relaxed atomics from every thread, read
/// by whoever serves /metrics. A reader sees each value whole, but not all values of one instant.
namespace horolog {

namespace detail {
inline constexpr std::size_t counter_cells = 8;

/// The cell of the calling thread: threads are dealt out in turn, so that shards do not write to
/// the same cache line.
inline std::size_t counter_cell() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t cell =
      next.fetch_add(1, std::memory_order_relaxed) % counter_cells;
  return cell;
}
}  // namespace detail

/// Only grows. Adding costs one uncontended atomic; reading sums the cells.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    cells_[detail::counter_cell()].value.fetch_add(n, std::memory_order_relaxed);
  }
  std::uint64_t value() const {
    std::uint64_t sum = 0;
    for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Cell, detail::counter_cells> cells_;
};

/// A value that goes up and down: connections, queue depths, bytes held.
class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void subtract(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Where a histogram's buckets lie. Log-linear: below 8 units every unit has its bucket, above that
/// every octave has 8, so a bucket is at most 12.5 % wide. One unit is 256 ns; the last bucket
/// takes everything from about 9 minutes on.
struct HistogramLayout {
  static constexpr int unit_bits = 8;
  static constexpr int sub_bits = 3;
  static constexpr std::size_t sub_buckets = std::size_t{1} << sub_bits;
  static constexpr int value_bits = 31;  ///< of the largest value, in units
  static constexpr std::size_t buckets = (value_bits - sub_bits + 1) * sub_buckets;

  static constexpr std::size_t index(std::int64_t nanoseconds) {
    if (nanoseconds <= 0) return 0;
    const auto units = static_cast<std::uint64_t>(nanoseconds) >> unit_bits;
    if (units < sub_buckets) return static_cast<std::size_t>(units);
    const int shift = static_cast<int>(std::bit_width(units)) - 1 - sub_bits;
    const std::size_t at = static_cast<std::size_t>(shift) * sub_buckets + (units >> shift);
    return std::min(at, buckets - 1);
  }
  /// The first value that no longer belongs to the bucket, in nanoseconds.
  static constexpr std::int64_t upper_bound_ns(std::size_t bucket) {
    if (bucket < sub_buckets) return static_cast<std::int64_t>(bucket + 1) << unit_bits;
    const std::size_t shift = bucket / sub_buckets - 1;
    const std::size_t mantissa = sub_buckets + bucket % sub_buckets + 1;
    return static_cast<std::int64_t>(mantissa << (shift + unit_bits));
  }
};

static_assert(HistogramLayout::index(0) == 0);
static_assert(HistogramLayout::index(HistogramLayout::upper_bound_ns(100)) == 101);
static_assert(HistogramLayout::index(HistogramLayout::upper_bound_ns(100) - 1) == 100);

/// A copy of a histogram at rest: for exposition, quantiles and merging.
struct HistogramSnapshot {
  std::array<std::uint64_t, HistogramLayout::buckets> counts{};
  std::uint64_t count = 0;
  std::int64_t sum_ns = 0;

  void merge(const HistogramSnapshot& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    count += other.count;
    sum_ns += other.sum_ns;
  }
  /// The upper bound of the bucket that holds the q-quantile (0 < q <= 1); 0 when empty.
  std::int64_t quantile_ns(double q) const {
    const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      seen += counts[i];
      if (seen != 0 && seen >= rank) return HistogramLayout::upper_bound_ns(i);
    }
    return 0;
  }
};

/// How long things took. Recording costs two relaxed atomics; 2 KiB each.
class Histogram {
 public:
  void record_ns(std::int64_t nanoseconds) {
    counts_[HistogramLayout::index(nanoseconds)].fetch_add(1, std::memory_order_relaxed);
    sum_ns_.fetch_add(std::max<std::int64_t>(nanoseconds, 0), std::memory_order_relaxed);
  }
  HistogramSnapshot snapshot() const {
    HistogramSnapshot copy;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      copy.counts[i] = counts_[i].load(std::memory_order_relaxed);
      copy.count += copy.counts[i];
    }
    copy.sum_ns = sum_ns_.load(std::memory_order_relaxed);
    return copy;
  }

 private:
  std::array<std::atomic<std::uint64_t>, HistogramLayout::buckets> counts_{};
  std::atomic<std::int64_t> sum_ns_{0};
};

}  // namespace horolog
