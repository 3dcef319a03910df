#pragma once

#include <memory>
#include <utility>

#include "broker/context.hpp"
#include "broker/request.hpp"

namespace horolog::broker {

/// Runs the rest of a handler on the blocking pool, for requests that wait for a disk.
template <typename T>
void on_pool(Context& context, Request request, T asked,
             void (*work)(Context&, Request, const T&)) {
  // std::function wants copies; a Request can only be moved.
  auto held = std::make_shared<std::pair<Request, T>>(std::move(request), std::move(asked));
  context.pool.post(
      [&context, held, work] { work(context, std::move(held->first), held->second); });
}

}  // namespace horolog::broker
