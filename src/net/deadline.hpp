#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>

#include "base/clock.hpp"

namespace horolog::net {

class DeadlineQueue;

/// A moment by which something must have happened. Moving it later is a store: the queue finds out
/// when the old moment comes. So a session may move its deadline with every request.
/// Belongs to one thread, that of its queue; cleared when destroyed.
class Deadline {
 public:
  /// `missed` runs on the queue's thread; it may set, clear or destroy this deadline.
  Deadline(DeadlineQueue& queue, std::function<void()> missed)
      : queue_(queue), missed_(std::move(missed)) {}
  ~Deadline() { clear(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(MonoNs due);
  void clear();

 private:
  friend class DeadlineQueue;
  DeadlineQueue& queue_;
  std::function<void()> missed_;
  std::optional<MonoNs> due_;
  std::optional<std::multimap<MonoNs, Deadline*>::iterator> place_;
};

/// The deadlines of one shard, behind one timer. Knows no clock: it is told the time.
class DeadlineQueue {
 public:
  DeadlineQueue() = default;
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  /// Calls what was missed at `now`.
  void advance(MonoNs now);
  /// When advance() must be called next: never later than the first deadline, perhaps earlier.
  std::optional<MonoNs> next() const;
  /// Called when next() has become earlier, so that the owner can set its timer.
  void on_earlier(std::function<void()> notify) { notify_ = std::move(notify); }
  std::size_t size() const { return entries_.size(); }

 private:
  friend class Deadline;
  void place(Deadline& deadline, MonoNs due);
  void remove(Deadline& deadline);

  std::multimap<MonoNs, Deadline*> entries_;
  std::function<void()> notify_;
};

}  // namespace horolog::net
