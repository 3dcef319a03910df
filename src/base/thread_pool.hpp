#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.hpp"

namespace horolog {

/// The blocking pool: a few threads for syncs, zeroing, deletes and recovery, so that no shard
/// ever waits for a disk. Tasks start in the order they were posted.
class ThreadPool final : public Executor {
 public:
  /// Threads are named "<name>-<n>" (at most 15 characters are kept by the kernel).
  ThreadPool(std::string name, std::size_t threads);
  /// Stops and joins.
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(Task task) override;
  /// Runs what was posted before, refuses what comes later, joins. May be called twice.
  void stop();
  /// Tasks that wait for a thread; for metrics.
  std::size_t queued() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace horolog
