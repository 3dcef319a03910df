#pragma once

#include "base/metrics.hpp"

namespace horolog::broker {

/// What compaction has done since the start.
struct CleanerMetrics {
  Counter cleans;
  Counter failures;
  Counter bytes_read;
  Counter bytes_before;  ///< of the segments that were replaced
  Counter bytes_after;
  Counter records_removed;
  Histogram seconds;
  Gauge uncleanable;         ///< partitions
  Gauge dirty_permille_max;  ///< largest share of uncompacted bytes, at the last look
};

}  // namespace horolog::broker
