#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace horolog::scheduler {

/// Wakes the one thread that waits for it. A nudge that comes while nobody waits is kept for the
/// next wait. Thread-safe.
class Nudge {
 public:
  void give() {
    const std::scoped_lock lock(mutex_);
    given_ = true;
    changed_.notify_one();
  }
  /// True when it was nudged, false when `most` has passed.
  bool wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    const bool given = changed_.wait_for(lock, most, [this] { return given_; });
    given_ = false;
    return given;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_ = false;
};

}  // namespace horolog::scheduler
