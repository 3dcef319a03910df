#include "tools/group_status.hpp"

#include <algorithm>

namespace horolog::command {

std::string_view to_string(LagStatus status) {
  switch (status) {
    case LagStatus::ok: return "OK";
    case LagStatus::warn: return "WARN";
    case LagStatus::stalled: return "STALLED";
    case LagStatus::stopped: return "STOPPED";
    case LagStatus::rewound: return "REWOUND";
    case LagStatus::unknown: break;
  }
  return "UNKNOWN";
}

LagStatus evaluate(std::span<const LagSample> window, bool owned) {
  if (window.empty() || window.back().committed < 0) return LagStatus::unknown;
  const auto caught_up = [](const LagSample& sample) {
    return sample.committed >= 0 && sample.lag() <= 0;
  };
  if (std::any_of(window.begin(), window.end(), caught_up)) return LagStatus::ok;
  bool moved = false;
  bool fell = false;
  for (std::size_t i = 1; i < window.size(); ++i) {
    if (window[i].committed < window[i - 1].committed) return LagStatus::rewound;
    moved = moved || window[i].committed > window[i - 1].committed;
    fell = fell || window[i].lag() < window[i - 1].lag();
  }
  if (!owned && !moved) return LagStatus::stopped;
  if (window.size() < 2 || fell) return LagStatus::ok;
  return moved ? LagStatus::warn : LagStatus::stalled;
}

LagStatus worst(LagStatus a, LagStatus b) {
  const auto rank = [](LagStatus status) {
    switch (status) {
      case LagStatus::unknown: return 0;
      case LagStatus::ok: return 1;
      case LagStatus::warn: return 2;
      case LagStatus::rewound: return 3;
      case LagStatus::stalled: return 4;
      case LagStatus::stopped: return 5;
    }
    return 0;
  };
  return rank(a) >= rank(b) ? a : b;
}

LagRates rates(std::span<const LagSample> window) {
  LagRates result;
  if (window.size() < 2) return result;
  const LagSample& first = window.front();
  const LagSample& last = window.back();
  const double seconds = static_cast<double>(last.time - first.time) / 1000;
  if (seconds <= 0) return result;
  result.in_per_s = static_cast<double>(last.end - first.end) / seconds;
  if (first.committed < 0 || last.committed < 0) return result;
  result.out_per_s = static_cast<double>(last.committed - first.committed) / seconds;
  const double gain = *result.out_per_s - *result.in_per_s;
  if (last.lag() <= 0) {
    result.catch_up_ms = 0;
  } else if (gain > 0) {
    result.catch_up_ms = static_cast<std::int64_t>(static_cast<double>(last.lag()) / gain * 1000);
  }
  return result;
}

}  // namespace horolog::command
