#pragma once

#include <future>
#include <memory>
#include <utility>

#include "client/cluster.hpp"
#include "horolog/error.hpp"

namespace horolog::scheduler {

/// Runs `start(done)` on the cluster's loop and waits for `done(value)`. Not for the loop's own
/// thread. Errc::cancelled when the loop has ended.
template <typename T, typename Start>
Result<T> on_loop(client::Cluster& cluster, Start start) {
  auto answer = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> waiting = answer->get_future();
  cluster.loop().post([start = std::move(start), answer]() mutable {
    start([answer](Result<T> value) { answer->set_value(std::move(value)); });
    answer.reset();
  });
  answer.reset();
  try {
    return waiting.get();
  } catch (const std::future_error&) {
    return Error(Errc::cancelled, "the client was closed");
  }
}

/// A call that is being answered.
template <typename R>
using Asked = std::future<Result<client::Reply<typename wire::ResponseOf<R>::type>>>;

/// Sends a request; several may be under way. Thread-safe.
template <typename R>
Asked<R> start_asking(client::Cluster& cluster, client::Target target, R message,
                      client::CallOptions options) {
  using Answer = Result<client::Reply<typename wire::ResponseOf<R>::type>>;
  auto promise = std::make_shared<std::promise<Answer>>();
  Asked<R> asked = promise->get_future();
  auto held = std::make_shared<R>(std::move(message));
  cluster.loop().post([&cluster, target = std::move(target), held, options, promise]() mutable {
    cluster.send<R>(std::move(target), std::move(*held), options,
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    promise.reset();
  });
  return asked;
}

template <typename R>
Result<client::Reply<typename wire::ResponseOf<R>::type>> answer_of(Asked<R>& asked) {
  try {
    return asked.get();
  } catch (const std::future_error&) {
    return Error(Errc::cancelled, "the client was closed");
  }
}

/// Sends a request and waits for its answer. Not for the loop's own thread.
template <typename R>
auto ask(client::Cluster& cluster, client::Target target, R message,
         client::CallOptions options) {
  auto asked = start_asking<R>(cluster, std::move(target), std::move(message), options);
  return answer_of<R>(asked);
}

}  // namespace horolog::scheduler
