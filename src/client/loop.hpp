#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/executor.hpp"
#include "net/buffer_pool.hpp"
#include "net/deadline.hpp"

namespace boost::asio {
class io_context;
}

namespace horolog::client {

/// The one thread on which everything inside a client runs: connections, metadata, timers, state
/// of producers and consumers. Nothing of that needs a lock; other threads post().
///
/// Clients that should share connections share a loop (and a Cluster) by shared_ptr. The last owner
/// may let go on any thread: on the loop's own, the thread ends after the task that runs now, on
/// another it is joined.
class Loop final : public Executor {
 public:
  /// With a thread of its own, started here.
  static std::shared_ptr<Loop> start(const std::string& thread_name = "horolog");
  /// On a context that the caller runs, in one thread at a time, and that outlives the loop.
  static std::shared_ptr<Loop> on(boost::asio::io_context& context);
  /// Run by a test, by run_ready(). `clock` must outlive the loop.
  static std::shared_ptr<Loop> stepped(const Clock& clock);

  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Thread-safe; costs no system call when called on the loop.
  void post(Task task) override;
  /// Runs `task` on the loop and waits for it. Of a loop without a thread of its own: runs it here,
  /// which is right when the loop's context does not run elsewhere.
  void run(const Task& task);
  /// Whether the caller is inside a task of this loop.
  bool running_here() const;
  /// Runs what can run without waiting, deadlines included; returns how many tasks there were.
  /// Only of a stepped() loop.
  std::size_t run_ready();

  const Clock& clock() const;
  MonoNs now() const { return clock().mono_ns(); }
  boost::asio::io_context& context();

  // The rest belongs to the loop's thread.

  /// Timers: a net::Deadline of this queue is missed on this loop, within a millisecond or so.
  net::DeadlineQueue& deadlines();
  /// Read buffer of all connections: valid until the next read.
  MutableBytes scratch();
  /// Where the memory of an answer of that size comes from; null when malloc does as well.
  std::shared_ptr<net::BufferPool> pool_for(std::size_t bytes);
  /// From [0, 1): spreads retries.
  double random();

 private:
  struct Core;
  explicit Loop(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::shared_ptr<Core> core_;
};

}  // namespace horolog::client
