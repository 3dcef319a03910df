#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "horolog/worker.hpp"
#include "worker/rate_limit.hpp"
#include "worker/task_fields.hpp"

namespace horolog::worker {

using JobId = std::uint64_t;

/// A task that waits for its start.
struct Waiting {
  JobId id = 0;
  /// Tasks with the same one are ordered; 0: not ordered.
  std::uint64_t key = 0;
  std::string lane;
  int priority = default_priority;
  MonoNs since = 0;
};

/// Which waiting task starts next: lanes by their shares and limits; within a lane the highest
/// priority, where waiting counts too; within a priority the oldest; of one key at most a number at
/// a time, in the order of push(). Pure: told the time, owned by one lock.
class ReadyQueue {
 public:
  struct Options {
    std::size_t per_key = 1;  ///< of tasks whose key is not 0
    double per_second = 0;
    std::map<std::string, LaneOptions> lanes;
    MonoNs ageing_ns = 10'000'000'000;
  };
  explicit ReadyQueue(Options options);

  void push(Waiting task);
  /// The task takes places in its key and lane until finish().
  std::optional<Waiting> pop(MonoNs now);
  void finish(const Waiting& task);
  /// A task that came from pop() does not start yet: it keeps its place in its key, so that later
  /// ones do not overtake it, and gives back the one in its lane.
  void set_aside(const Waiting& task);
  /// One that was set aside waits again.
  void bring_back(Waiting task);
  /// One that was set aside is over.
  void drop_aside(const Waiting& task);

  /// Not started yet.
  std::size_t size() const { return size_; }
  /// When a pop() that gave nothing may give something for the time alone; nullopt: never.
  std::optional<MonoNs> wake_at(MonoNs now) const;

 private:
  struct Lane {
    LaneOptions options;
    RateLimit rate;
    std::array<std::deque<Waiting>, highest_priority + 1> ready;
    std::size_t waiting = 0;
    std::size_t active = 0;
    /// Starts divided by share: the lane with the least is next.
    double pass = 0;
  };
  struct Key {
    std::size_t taken = 0;  ///< ready or active
    std::deque<Waiting> behind;
  };

  Lane& lane(const std::string& name);
  void make_ready(Waiting task);
  void leave_key(const Waiting& task);
  Waiting take_from(Lane& lane, MonoNs now);
  /// Puts the lane among those that can start something, or takes it out.
  void place(const std::string& name, Lane& lane, double pass, bool eligible);
  static bool eligible(const Lane& lane) {
    return lane.waiting > 0 &&
           (lane.options.concurrency == 0 || lane.active < lane.options.concurrency);
  }
  void forget_if_idle(const std::string& name);

  Options options_;
  RateLimit rate_;
  std::unordered_map<std::string, Lane> lanes_;
  std::set<std::pair<double, std::string>> eligible_;
  std::unordered_map<std::uint64_t, Key> keys_;
  double pass_ = 0;  ///< of the lane that started last
  std::size_t size_ = 0;
};

}  // namespace horolog::worker
