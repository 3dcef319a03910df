#pragma once

#include "admin/metrics_writer.hpp"
#include "base/metrics.hpp"

namespace horolog::scheduler {

/// What the runners of all partitions count together.
struct ServiceMetrics {
  Counter fired, missed, skipped, rejected, stalled, commands, committed, aborted, takeovers;
  Gauge owned;
  /// Of the partitions owned here. `lag`: commands committed and not read yet, markers included.
  Gauge pending, later_than_hour, later_than_day, lag;
  /// Schedules that lie in mirrors, and what these take.
  Gauge mirrored, mirror_memory, mirror_file;
  /// From the due time until the fire was committed, by this machine's clock.
  Histogram lateness;
  Histogram tick;

  void write(admin::MetricsWriter& out) const;
};

}  // namespace horolog::scheduler
