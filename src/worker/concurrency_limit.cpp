#include "worker/concurrency_limit.hpp"

#include <algorithm>

namespace horolog::worker {
namespace {

/// At the floor the best mean grows by a tenth with each window at most: a bad moment is no level.
constexpr double growth = 1.1, tolerance = 2;

}  // namespace

ConcurrencyLimit::ConcurrencyLimit(std::size_t floor, std::size_t ceiling)
    : floor_(floor == 0 ? ceiling : std::min(floor, ceiling)), ceiling_(ceiling), limit_(floor_) {}

void ConcurrencyLimit::sample(MonoNs took, std::size_t running) {
  if (floor_ == ceiling_) return;
  sum_ns_ += static_cast<double>(std::max<MonoNs>(took, 1));
  saturated_ = saturated_ || running >= limit_;
  if (++samples_ >= std::max(least_samples, limit_)) end_window();
}

void ConcurrencyLimit::end_window() {
  const double mean = sum_ns_ / static_cast<double>(samples_);
  const double known = limit_ == floor_ ? best_ns_ * growth : best_ns_;
  best_ns_ = best_ns_ == 0 ? mean : std::min(mean, known);
  if (mean > best_ns_ * tolerance) {
    limit_ = std::max(floor_, limit_ * 3 / 4);
  } else if (saturated_) {
    limit_ = std::min(ceiling_, limit_ + 1);
  }
  sum_ns_ = 0;
  samples_ = 0;
  saturated_ = false;
}

}  // namespace horolog::worker
