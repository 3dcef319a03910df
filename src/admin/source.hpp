#pragma once

#include <string>
#include <vector>

#include "admin/metrics_writer.hpp"

namespace horolog::admin {

/// All that the admin endpoint knows of the broker. Implemented where broker and admin are joined.
/// Called on the endpoint's executor, one call at a time; must not block for long, since a shard
/// serves it.
class Source {
 public:
  virtual ~Source() = default;
  /// Why the broker should get no traffic now ("recovering 3 of 10 partitions", "the disk is
  /// full", "stopping"); empty = ready.
  virtual std::vector<std::string> not_ready_reasons() const = 0;
  /// Writes every metric.
  virtual void collect(MetricsWriter& out) const = 0;
};

}  // namespace horolog::admin
