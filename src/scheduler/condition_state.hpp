#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "scheduler/condition_progress.hpp"
#include "scheduler/span.hpp"

namespace horolog::scheduler {

/// A nominal time that waits until the conditions hold (`horolog-when-mode: and`), and the earlier
/// ones that it stands for.
struct Gated {
  TimestampMs nominal_ms = 0;
  std::string trigger;
  std::int64_t missed = 0;
  TimestampMs first_ms = 0;  ///< of those it stands for, itself included
  std::int64_t count = 1;
};

/// What a schedule has seen of its conditions: a part of its cursor.
struct ConditionState {
  /// In the order of the definition's conditions.
  std::vector<ConditionProgress> each;
  std::optional<Gated> gate;
  /// All conditions are levels, and have fired since the last of them began to hold.
  bool spent = false;
  /// What happened while the schedule was paused.
  Span in_pause;

  std::string to_text() const;
  static Result<ConditionState> parse(std::string_view text);
};

}  // namespace horolog::scheduler
