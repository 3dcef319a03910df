#include "base/clock.hpp"

#include <ctime>

namespace horolog {

TimestampMs SystemClock::wall_ms() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<TimestampMs>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

MonoNs SystemClock::mono_ns() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<MonoNs>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace horolog
