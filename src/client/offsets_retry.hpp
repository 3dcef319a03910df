#pragma once

#include <memory>
#include <optional>

#include "client/backoff.hpp"
#include "client/cluster.hpp"
#include "net/deadline.hpp"

namespace horolog::client {

/// When a look-up is tried again, and when it is given up. Belongs to the loop's thread.
class OffsetsRetry {
 public:
  OffsetsRetry(Cluster& cluster, MonoNs timeout_ns, std::function<void()> again)
      : cluster_(cluster),
        due_(cluster.loop().now() +
             (timeout_ns > 0 ? timeout_ns : to_ns(cluster.options().request_timeout))),
        timer_(cluster.loop().deadlines(), std::move(again)) {}

  /// What is left for the next request.
  MonoNs left() const { return std::max<MonoNs>(due_ - cluster_.loop().now(), 1); }
  bool over() const { return cluster_.loop().now() >= due_; }
  /// Calls `again` after a pause; false when there is no time left.
  bool later() {
    const Backoff backoff =
        Backoff::of(cluster_.options().retry_backoff, cluster_.options().retry_backoff_max);
    const MonoNs at =
        cluster_.loop().now() + backoff.delay(++failures_, cluster_.loop().random());
    if (at >= due_) return false;
    timer_.set(at);
    return true;
  }

 private:
  Cluster& cluster_;
  const MonoNs due_;
  std::uint32_t failures_ = 0;
  net::Deadline timer_;
};

}  // namespace horolog::client
