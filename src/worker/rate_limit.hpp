#pragma once

#include <algorithm>
#include <limits>

#include "base/clock.hpp"

namespace horolog::worker {

/// At most so many starts per second, evenly spaced, with a burst of a tenth of a second after a
/// quiet time. Pure: told the time.
class RateLimit {
 public:
  /// 0: no limit.
  explicit RateLimit(double per_second = 0)
      : step_ns_(per_second > 0 ? static_cast<MonoNs>(1e9 / per_second) : 0) {}

  bool open(MonoNs now) const { return step_ns_ == 0 || now >= next_ns_; }
  /// When open() will say true; only asked when it does not.
  MonoNs opens_at() const { return next_ns_; }
  void take(MonoNs now) {
    if (step_ns_ == 0) return;
    next_ns_ = std::max(next_ns_, now - burst_ns) + step_ns_;
  }

 private:
  static constexpr MonoNs burst_ns = 100'000'000;
  MonoNs step_ns_;
  MonoNs next_ns_ = std::numeric_limits<MonoNs>::min() / 2;
};

}  // namespace horolog::worker
