#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace horolog::client {

inline MonoNs to_ns(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

/// How long to wait before the next attempt, as Kafka's clients do it: doubled with each failure up
/// to a maximum, and spread by ±20 % so that many clients do not come back in step.
struct Backoff {
  MonoNs first_ns = 0;
  MonoNs max_ns = 0;

  static Backoff of(std::chrono::milliseconds first, std::chrono::milliseconds max) {
    return {to_ns(first), to_ns(max)};
  }
  /// After `failures` (at least 1) in a row. `random` is from [0, 1).
  MonoNs delay(std::uint32_t failures, double random) const {
    const std::uint32_t doublings = std::min(failures - 1, std::uint32_t{20});
    const double plain = std::min(static_cast<double>(first_ns) * (1U << doublings),
                                  static_cast<double>(std::max(first_ns, max_ns)));
    return static_cast<MonoNs>(plain * (0.8 + 0.4 * random));
  }
};

}  // namespace horolog::client
