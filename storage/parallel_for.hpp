#pragma once

#include <cstddef>
#include <functional>

#include "base/executor.hpp"

namespace horolog::storage {

/// Calls `work(i)` for every i below `count`, on `executor` (may be null) and on the calling thread
/// at once, and returns when all calls have returned. `work` must be thread-safe. Never waits for a
/// task that has not started, so the caller may itself run on `executor`.
void parallel_for(Executor* executor, std::size_t count,
                  const std::function<void(std::size_t)>& work);

}  // namespace horolog::storage
