#include "client/consumer_loop.hpp"

#include <limits>

namespace horolog::client {
namespace {

FetchPositions::Settings position_settings(const ConsumerOptions& options) {
  return {.cursor = {.isolation = options.isolation, .check_crcs = options.check_crcs},
          .reset = options.offset_reset,
          .use_committed = !options.group.empty(),
          .buffered_bytes = options.buffered_bytes,
          .partition_bytes = static_cast<std::size_t>(options.partition_max_bytes)};
}

Backoff backoff_of(const Cluster& cluster) {
  return Backoff::of(cluster.options().retry_backoff, cluster.options().retry_backoff_max);
}

}  // namespace

ConsumerShared::ConsumerShared(ConsumerOptions options_, std::shared_ptr<Cluster> cluster_)
    : options(std::move(options_)),
      cluster(std::move(cluster_)),
      positions(position_settings(options)),
      commits(backoff_of(*cluster)) {}

ConsumerLoop::ConsumerLoop(std::shared_ptr<ConsumerShared> shared)
    : shared_(std::move(shared)),
      cluster_(*shared_->cluster),
      fetch_lane_(cluster_.new_lane()),
      group_lane_(cluster_.new_lane()),
      timer_(cluster_.loop().deadlines(), [this] { pump(); }) {
  watch_ = cluster_.watch_metadata([this] { metadata_changed(); });
}

void ConsumerLoop::stop() {
  if (std::exchange(stopped_, true)) return;
  watch_.reset();
  timer_.clear();
  cluster_.release_lane(fetch_lane_);
  cluster_.release_lane(group_lane_);
}

MonoNs ConsumerLoop::backoff(std::uint32_t failures) const {
  return backoff_of(cluster_).delay(failures, cluster_.loop().random());
}

void ConsumerLoop::pump() {
  if (stopped_) return;
  const auto self = shared_from_this();
  Sends sends;
  const MonoNs now = cluster_.loop().now();
  wake_ = std::numeric_limits<MonoNs>::max();
  bool list = false;
  {
    const std::lock_guard lock(shared_->mutex);
    gather_group(sends, now);
    gather_commits(sends, now);
    gather_positions(sends, now);
    gather_fetches(sends, now);
    if (shared_->pattern) {
      list = !listing_ && now >= list_at_;
      if (!listing_ && !list) wake_at(list_at_);
    }
  }
  shared_->changed.notify_all();
  if (list) list_topics();
  for (const auto& send : sends) send();
  if (stopped_) return;
  if (wake_ == std::numeric_limits<MonoNs>::max()) {
    timer_.clear();
  } else {
    timer_.set(wake_);
  }
}

}  // namespace horolog::client
