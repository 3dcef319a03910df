#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "horolog/types.hpp"

namespace horolog::scheduler {

/// Compares the wall clock with the monotonic one. A leap forward of more than ten minutes holds
/// firing until a later reading agrees with it, so that a glitch does not fire tomorrow's jobs.
/// Steps back need nothing: the cursors forbid repetition. Also notices when nothing ran for a
/// while (a suspended machine, a stopped process). Pure; one thread at a time.
class ClockWatch {
 public:
  static constexpr TimestampMs leap_ms = 600'000;
  static constexpr TimestampMs confirmed_after_ms = 5'000;
  static constexpr TimestampMs asleep_ms = 5'000;

  struct Seen {
    bool held = false;    ///< do not fire now
    bool asleep = false;  ///< nothing ran since the reading before
  };

  Seen read(TimestampMs wall, MonoNs mono_ns) {
    const TimestampMs mono = mono_ns / 1'000'000;
    Seen seen;
    if (last_) {
      seen.asleep = mono - last_->mono > asleep_ms;
      const TimestampMs leap = (wall - last_->wall) - (mono - last_->mono);
      if (leap > leap_ms) leapt_at_ = mono;
      if (leap < -leap_ms) leapt_at_.reset();
    }
    if (leapt_at_ && mono - *leapt_at_ >= confirmed_after_ms) {
      leapt_at_.reset();
      // What fell due while it was held is a matter of catch-up.
      seen.asleep = true;
    }
    last_ = Reading{wall, mono};
    seen.held = leapt_at_.has_value();
    return seen;
  }

 private:
  struct Reading {
    TimestampMs wall, mono;
  };
  std::optional<Reading> last_;
  std::optional<TimestampMs> leapt_at_;
};

}  // namespace horolog::scheduler
