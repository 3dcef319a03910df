#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/executor.hpp"
#include "net/asio_alias.hpp"
#include "net/buffer_pool.hpp"
#include "net/counters.hpp"
#include "net/deadline.hpp"

namespace horolog::net {

/// One thread with one event loop. A connection belongs to one shard for life and everything of it
/// is touched by that thread only, so connection state needs no lock.
///
/// A shard that is never start()ed can be stepped by a test with run_ready().
class Shard final : public Executor {
 public:
  /// `clock` and `counters` must outlive the shard.
  Shard(std::size_t index, const Clock& clock, Counters& counters);
  /// Stops and joins.
  ~Shard() override;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void start();
  /// Lets the loop end after the task that runs now, and joins. Not from the shard's own thread.
  void stop();
  /// Runs what can run without waiting, in the calling thread; only before start(). Also checks
  /// deadlines against the clock.
  std::size_t run_ready();

  /// Thread-safe; costs no system call when called on this shard or while it is busy.
  void post(Task task) override { post_move(std::move(task)); }
  /// As post(), for tasks that can be moved but not copied.
  template <typename F>
  void post_move(F&& task) {
    asio::post(context_, std::forward<F>(task));
  }
  /// Whether the caller is this shard's thread, inside a task.
  bool running_here() { return context_.get_executor().running_in_this_thread(); }

  std::size_t index() const { return index_; }
  asio::io_context& context() { return context_; }
  asio::io_context::executor_type executor() { return context_.get_executor(); }
  const Clock& clock() const { return clock_; }

  // The rest belongs to the shard's thread.

  DeadlineQueue& deadlines() { return deadlines_; }
  /// Read buffer shared by all connections of the shard: valid until the next read.
  MutableBytes scratch() { return {scratch_.get(), scratch_bytes}; }
  /// The pool to take a buffer of that size from; null when malloc does as well. What the pool
  /// keeps is freed when it has not been needed for a while.
  std::shared_ptr<BufferPool> pool_for(std::size_t bytes);
  Counters& counters() { return counters_; }
  /// Payload chunks that writers hold between two writes.
  std::size_t chunks_held = 0;

  /// Connections that live here or are on their way; for choosing a shard. Thread-safe.
  std::atomic<std::size_t>& load() { return load_; }

  static constexpr std::size_t scratch_bytes = 64 * 1024;

 private:
  void arm_timer();
  void trim_buffers();

  const std::size_t index_;
  const Clock& clock_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  DeadlineQueue deadlines_;
  asio::steady_timer timer_;
  std::unique_ptr<std::byte[]> scratch_;
  std::shared_ptr<BufferPool> buffers_;
  Deadline trim_;
  bool trim_set_ = false;
  Counters& counters_;
  std::atomic<std::size_t> load_{0};
  std::thread thread_;
};

/// All shards of the process.
class ShardPool {
 public:
  ShardPool(std::size_t shards, const Clock& clock);
  ~ShardPool();

  void start();
  /// Stops every shard before any is destroyed: they may still post to each other.
  void stop();

  bool running() const { return running_; }
  /// Shard::run_ready() in turn, until none has anything left; only before start().
  void run_ready();

  std::size_t size() const { return shards_.size(); }
  Shard& at(std::size_t index) { return *shards_.at(index); }
  /// The shard with the fewest connections, in turn among equals. Thread-safe.
  Shard& least_loaded();
  Counters& counters() { return counters_; }

 private:
  Counters counters_;
  bool running_ = false;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace horolog::net
