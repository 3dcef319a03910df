#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

namespace horolog::storage {

class Segment;

/// Bounds how many segments hold a descriptor and a mapping, over all partitions of a data
/// directory. A segment opens its file when it is first needed and registers here; when there are
/// more than `capacity`, the ones not used for longest are closed again (a clock, not a strict
/// order). What a slice or an append holds stays open until it lets go, whatever is decided here.
/// Thread-safe. Must outlive no one: segments hold it by shared_ptr.
class SegmentCache {
 public:
  explicit SegmentCache(std::size_t capacity) : capacity_(capacity) {}
  SegmentCache(const SegmentCache&) = delete;
  SegmentCache& operator=(const SegmentCache&) = delete;

  /// Called by a segment that has just opened its file; may close others.
  void opened(const std::shared_ptr<Segment>& segment);
  std::size_t capacity() const { return capacity_; }
  /// Segments that were opened and not yet closed again by the cache; for metrics.
  std::size_t open_segments() const;

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<std::weak_ptr<Segment>> ring_;
};

}  // namespace horolog::storage
