#pragma once

#include <deque>
#include <memory>
#include <mutex>

namespace horolog::broker {

/// Gives a fetch session to one request at a time. A client waits for its answer before it asks
/// again, so nobody queues here but a client that pipelines, or comes back on a new connection
/// while its old request is still parked. Thread-safe.
class FetchTurns {
 public:
  class User {
   public:
    virtual ~User() = default;
    /// Somebody else waits: answer with what is there. From any thread; must not block.
    virtual void hurry_up() = 0;
    /// The turn that enter() refused has come. From any thread; must not block.
    virtual void take_turn() = 0;
  };

  /// True: it is the caller's turn, until leave(). Else take_turn() will be called.
  bool enter(std::shared_ptr<User> user);
  void leave();

 private:
  std::mutex mutex_;
  std::shared_ptr<User> present_;
  std::deque<std::shared_ptr<User>> waiting_;
};

}  // namespace horolog::broker
