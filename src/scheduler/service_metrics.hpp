#pragma once

#include "admin/metrics_writer.hpp"
#include "base/metrics.hpp"

namespace horolog::scheduler {

/// What the runners of all partitions count together.
struct ServiceMetrics {
  Counter fired, missed, skipped, rejected, stalled, commands, committed, aborted, takeovers;
  Gauge owned, pending;
  /// From the due time until the fire was committed, by this machine's clock.
  Histogram lateness;
  Histogram tick;

  void write(admin::MetricsWriter& out) const;
};

}  // namespace horolog::scheduler
