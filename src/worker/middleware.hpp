#pragma once

#include <utility>
#include <vector>

#include "horolog/task.hpp"

namespace horolog::worker {

/// The handler with all of these around it, the first one outermost.
inline Handler wrapped(Handler handler, const std::vector<Middleware>& middleware) {
  for (auto each = middleware.rbegin(); each != middleware.rend(); ++each) {
    handler = [outer = *each, inner = std::move(handler)](Task& task) {
      return outer(task, inner);
    };
  }
  return handler;
}

}  // namespace horolog::worker
