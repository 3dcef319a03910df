#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace horolog::bench {

/// Latencies in nanoseconds, log-linear: below 128 every value has its bucket, above that every
/// octave has 64, so a bucket is at most 1.6 % wide. Histograms of several threads or runs merge by
/// adding. One thread at a time; 19 KiB.
class LatencyHistogram {
 public:
  void record(std::int64_t nanoseconds);
  void merge(const LatencyHistogram& other);
  /// `count` latencies of the bucket that begins at `first_ns`, as to_json() writes it. Their sum
  /// and maximum are then known only as well as the bucket is wide.
  void add(std::int64_t first_ns, std::uint64_t count);

  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  double mean() const;
  /// The upper bound of the bucket that holds the q-quantile (0 < q ≤ 1), never above max(); 0
  /// when empty.
  std::int64_t quantile(double q) const;

  /// {"count":…,"mean_us":…,"p50_us":…,…,"max_us":…}, and with `buckets` the non-empty buckets as
  /// "buckets":[[first_ns,count],…], so that the runs of several machines can be merged later.
  std::string to_json(bool buckets) const;

 private:
  static constexpr int sub_bits = 6;
  static constexpr std::size_t sub_buckets = std::size_t{1} << sub_bits;
  static constexpr int value_bits = 42;  ///< over an hour
  static constexpr std::size_t bucket_count = (value_bits - sub_bits + 1) * sub_buckets;

  static constexpr std::size_t index(std::uint64_t value) {
    if (value < 2 * sub_buckets) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - sub_bits;
    return static_cast<std::size_t>(shift) * sub_buckets + static_cast<std::size_t>(value >> shift);
  }
  static constexpr std::int64_t lower_bound(std::size_t bucket) {
    if (bucket < 2 * sub_buckets) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / sub_buckets - 1;
    return static_cast<std::int64_t>((sub_buckets + bucket % sub_buckets) << shift);
  }

  std::array<std::uint64_t, bucket_count> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace horolog::bench
