#include "storage/segment_cache.hpp"

#include "storage/segment.hpp"

namespace horolog::storage {

void SegmentCache::opened(const std::shared_ptr<Segment>& segment) {
  const std::lock_guard lock(mutex_);
  ring_.push_back(segment);
  // At most two rounds: the first one takes away every "recently used", the second one closes.
  for (std::size_t steps = 2 * ring_.size(); ring_.size() > capacity_ && steps > 0; --steps) {
    const std::weak_ptr<Segment> oldest = ring_.front();
    ring_.pop_front();
    const std::shared_ptr<Segment> held = oldest.lock();
    if (held && (held == segment || !held->close_if_idle())) ring_.push_back(oldest);
  }
}

std::size_t SegmentCache::open_segments() const {
  const std::lock_guard lock(mutex_);
  return ring_.size();
}

}  // namespace horolog::storage
