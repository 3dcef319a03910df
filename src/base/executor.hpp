#pragma once

#include <functional>

namespace horolog {

/// Something that runs tasks: a shard, the blocking pool, or a test that steps them one by one.
class Executor {
 public:
  using Task = std::function<void()>;
  virtual ~Executor() = default;
  /// Runs `task` later, never inside this call. Thread-safe. Tasks posted after the executor was
  /// stopped are destroyed without being run.
  virtual void post(Task task) = 0;
};

}  // namespace horolog
