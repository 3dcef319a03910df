#pragma once

#include <optional>

#include "timekeeping/rule.hpp"
#include "timekeeping/wall_search.hpp"

namespace horolog::timekeeping {

/// Turns the wall times of a cron into instants, one segment of the zone after the other, by the
/// policies for gaps and folds. Holds references; make one per search, on the stack.
class SegmentSearch {
 public:
  struct Policies {
    Gap gap;
    Fold fold;
    bool real_time;  ///< whatever the clock shows counts: nothing in gaps, both times in folds
  };

  SegmentSearch(WallSearch& walls, const Policies& policies)
      : walls_(walls), policies_(policies) {}

  /// The first instant after `after` that fires because of this segment: one of its own wall times
  /// or one that was lost in the gap before it.
  std::optional<UnixSecond> first(const Segment& segment, UnixSecond after);

 private:
  std::optional<UnixSecond> own(const Segment& segment, UnixSecond after);
  std::optional<UnixSecond> from_gap(const Segment& segment, UnixSecond after);

  WallSearch& walls_;
  Policies policies_;
};

}  // namespace horolog::timekeeping
