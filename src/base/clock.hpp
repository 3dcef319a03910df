#pragma once

#include <cstdint>

#include "horolog/types.hpp"

namespace horolog {

/// Nanoseconds of a clock that never goes back and is not moved by date changes. Only differences
/// mean anything.
using MonoNs = std::int64_t;

/// The one seam through which time enters. Storage and the coordinators do not even hold a clock:
/// they are told the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time; may step in either direction.
  virtual TimestampMs wall_ms() const = 0;
  virtual MonoNs mono_ns() const = 0;
};

/// The operating system's clocks.
class SystemClock final : public Clock {
 public:
  TimestampMs wall_ms() const override;
  MonoNs mono_ns() const override;
};

}  // namespace horolog
