#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "horolog/types.hpp"

/// How a group does on a partition, from a sliding window of what was seen of it: Burrow's rules,
/// which need no thresholds. Pure.
namespace horolog::command {

/// A look at one partition of a group.
struct LagSample {
  TimestampMs time = 0;
  Offset committed = no_offset;
  Offset end = 0;

  std::int64_t lag() const { return end - committed; }
};

enum class LagStatus : std::uint8_t {
  ok,
  warn,     ///< it commits, and the lag never falls
  stalled,  ///< what it commits stands still, and the lag does not fall
  stopped,  ///< nobody reads the partition, and it is behind
  rewound,  ///< it went back
  unknown,  ///< it never committed
};
std::string_view to_string(LagStatus status);

/// The status of a partition by its window, oldest look first:
///   1. any look without lag: ok
///   2. an offset lower than the one before: rewound
///   3. `owned` is false (no member reads it): stopped
///   4. the offset stands still and the lag does not fall: stalled
///   5. the offset moves and the lag never falls: warn
/// A single look cannot tell 4 and 5 from ok.
LagStatus evaluate(std::span<const LagSample> window, bool owned);

/// The worst of a group's partitions; unknown ones do not count.
LagStatus worst(LagStatus a, LagStatus b);

struct LagRates {
  std::optional<double> in_per_s;   ///< records appended
  std::optional<double> out_per_s;  ///< records committed
  /// Until the lag is gone at these rates; nullopt when it is not going.
  std::optional<std::int64_t> catch_up_ms;
};
/// Over the whole window; nothing from fewer than two looks.
LagRates rates(std::span<const LagSample> window);

}  // namespace horolog::command
