#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "horolog/error.hpp"
#include "horolog/options.hpp"

/// Clients on an io_context of the caller, and their functions with completion tokens. The one
/// public header that names Asio: include it only where you use Asio, and build with the same Boost
/// as libhorolog was built with.
namespace horolog {

namespace client {
class Cluster;
}

/// Connections that live on `context`, to be given to a client's constructor: no thread is started,
/// everything of the client runs inside context.run(). Run it in one thread at a time, let it
/// outlive the client, and call none of the client's waiting functions from that thread. run() does
/// not return while the client has connections: destroy the client, on the context's thread or when
/// the context does not run.
Result<std::shared_ptr<client::Cluster>> connect_on(boost::asio::io_context& context,
                                                    ClientOptions options);

/// Turns a function that takes a callback last into an asynchronous operation with the signature
/// void(Result<T>):
///
///     auto list = [&](auto then) { admin.list_topics(std::move(then)); };
///     auto topics = co_await async<std::vector<TopicDescription>>(context, list, use_awaitable);
///
/// It completes on the handler's executor, or else on the context's.
template <typename T, typename Start, typename Token>
auto async(boost::asio::io_context& context, Start start, Token&& token) {
  auto initiate = [&context, start = std::move(start)](auto handler) mutable {
    auto executor = boost::asio::get_associated_executor(handler, context.get_executor());
    // Callbacks are copied on their way, handlers need not be copyable.
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    start([held, executor](Result<T> result) {
      boost::asio::dispatch(executor, [held, result = std::move(result)]() mutable {
        auto complete = std::move(*held);
        complete(std::move(result));
      });
    });
  };
  return boost::asio::async_initiate<Token, void(Result<T>)>(std::move(initiate), token);
}

}  // namespace horolog
