#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "admin/source.hpp"
#include "horolog/error.hpp"
#include "net/asio_alias.hpp"
#include "net/endpoint.hpp"

namespace horolog::admin {

/// What one client may do to the endpoint: everything is bounded.
struct HttpLimits {
  std::size_t connections = 64;
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 4 * 1024;
  std::chrono::milliseconds request{10'000};   ///< until a request has come in completely
  std::chrono::milliseconds response{30'000};  ///< until its answer has gone out completely
};

/// GET and HEAD of /livez, /healthz, /readyz, /metrics and /version over HTTP/1.1.
///
/// Runs on the executor it is given, whose event loop must be run by one thread. `source` must
/// outlive that loop, not only this object: answers being written hold no reference to it, but
/// requests that were read may still be handed to it until the loop has run what stop() posted.
class HttpServer {
 public:
  /// Binds and listens; serves once the executor's loop runs. Errc::busy when the port is taken
  /// (the text names the holder where the system tells), Errc::io and Errc::invalid_argument.
  static Result<std::unique_ptr<HttpServer>> listen(asio::any_io_executor executor,
                                                    const net::Endpoint& address,
                                                    const Source& source, std::string version,
                                                    HttpLimits limits = {});
  /// Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The address that was bound.
  net::Endpoint address() const;
  /// Closes the listener and every connection. Thread-safe; returns before it is done. May be
  /// called again.
  void stop();

 private:
  class State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace horolog::admin
