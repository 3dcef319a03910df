#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace horolog::worker {

/// How many handlers may run: between a floor and a ceiling, by how long attempts take. While all
/// places are taken and attempts take no longer than they can, there is one more place after each
/// window of samples; when they take more than twice as long, a quarter of the places goes (AIMD).
/// How long they can take is the best window's mean. Only at the floor, where they cannot wait for
/// each other more than they must, it follows what is measured: so work that has become slower for
/// good falls to the floor, and finds its level from there. Pure.
class ConcurrencyLimit {
 public:
  /// A floor of 0, or of the ceiling: the limit is the ceiling.
  ConcurrencyLimit(std::size_t floor, std::size_t ceiling);

  std::size_t limit() const { return limit_; }
  /// An attempt is over; `running`: how many ran until then, it included.
  void sample(MonoNs took, std::size_t running);

 private:
  static constexpr std::size_t least_samples = 10;
  void end_window();

  std::size_t floor_, ceiling_, limit_;
  double best_ns_ = 0;  ///< 0: no window has ended
  double sum_ns_ = 0;
  std::size_t samples_ = 0;
  bool saturated_ = false;
};

}  // namespace horolog::worker
