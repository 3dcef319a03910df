#include "net/listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "net/port_holder.hpp"
#include "net/socket_stream.hpp"

namespace horolog::net {
namespace {

using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr int accepts_per_turn = 64;
constexpr int longest_pause_ms = 1000;
constexpr MonoNs refusal_log_interval_ns = 1'000'000'000;

Error bind_error(const ListenerConfig& config, const tcp::endpoint& endpoint,
                 const error_code& error) {
  if (error == asio::error::address_in_use) {
    return Error(Errc::busy, port_in_use_message(Endpoint::of(endpoint)), error.value());
  }
  const std::string where = Endpoint::of(endpoint).to_string();
  if (error == asio::error::access_denied && endpoint.port() < 1024) {
    return Error(Errc::io,
                 fmt::format("cannot listen on {}: ports below 1024 need the right "
                             "CAP_NET_BIND_SERVICE",
                             where),
                 error.value());
  }
  return Error(
      Errc::io,
      fmt::format("cannot listen on {} (listener {}): {}", where, config.name, error.message()),
      error.value());
}

Result<std::vector<tcp::endpoint>> resolve(asio::io_context& context,
                                           const ListenerConfig& config) {
  // One socket for both families where the system has IPv6.
  if (config.host.empty()) {
    return std::vector{tcp::endpoint(tcp::v6(), config.port),
                       tcp::endpoint(tcp::v4(), config.port)};
  }
  error_code error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(config.host, std::to_string(config.port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return Error(Errc::invalid_argument,
                 fmt::format("cannot listen on {}:{} (listener {}): the host name is not known: {}",
                             config.host, config.port, config.name, error.message()),
                 error.value());
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  return endpoints;
}

error_code open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool both) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!both), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
  }
  return error;
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::open(Server& server, Shard& shard,
                                                 const ListenerConfig& config) {
  HOROLOG_ASSIGN(const auto endpoints, resolve(shard.context(), config));
  std::shared_ptr<Listener> listener(new Listener(server, shard, config.name));
  std::optional<Error> first;
  for (const tcp::endpoint& endpoint : endpoints) {
    const bool any = endpoint.address().is_unspecified();
    const error_code error = open_acceptor(listener->acceptor_, endpoint, any);
    if (!error) {
      error_code ignored;
      listener->bound_ = Endpoint::of(listener->acceptor_.local_endpoint(ignored));
      return listener;
    }
    if (!first) first = bind_error(config, endpoint, error);
    // A port that is taken must not make us listen on another address instead.
    if (error == asio::error::address_in_use) break;
  }
  return *first;
}

void Listener::start() {
  shard_.post([self = shared_from_this()] { self->wait(); });
}

void Listener::stop() {
  shard_.post([self = shared_from_this()] {
    self->stopped_ = true;
    error_code ignored;
    self->acceptor_.close(ignored);
    self->retry_.cancel();
  });
}

void Listener::wait() {
  if (stopped_) return;
  acceptor_.async_wait(tcp::acceptor::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         if (!error) self->accept_ready();
                       });
}

void Listener::accept_ready() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    Shard& home = server_.shards_.least_loaded();
    error_code error;
    TcpSocket socket = acceptor_.accept(home.context(), error);
    if (error == asio::error::would_block) break;
    if (error == asio::error::connection_aborted) continue;  // gone before we came to it
    if (error) return back_off(error);
    failures_ = 0;
    welcome(std::move(socket), home);
  }
  wait();
}

void Listener::welcome(TcpSocket socket, Shard& home) {
  auto stream = std::make_unique<SocketStream>(std::move(socket));
  auto place = server_.connection_limits_->enter(stream->peer().host);
  if (!place) {
    shard_.counters().connections_refused.add();
    const MonoNs now = shard_.clock().mono_ns();
    if (refusal_logged_ns_ == 0 || now - refusal_logged_ns_ >= refusal_log_interval_ns) {
      refusal_logged_ns_ = now;
      log::warn("net", "connection refused",
                {log::field("peer", stream->peer().to_string()), log::field("listener", name_),
                 log::field("reason", place.error().message())});
    }
    return;
  }
  server_.adopt(std::move(stream), home, name_, {}, std::move(*place));
}

void Listener::back_off(const error_code& error) {
  shard_.counters().accept_errors.add();
  const int pause_ms = std::min(longest_pause_ms, 10 << std::min(failures_++, 7));
  log::warn("net", "cannot accept connections; trying again",
            {log::field("listener", name_), log::field("error", std::strerror(error.value())),
             log::field("pause_ms", pause_ms)});
  retry_.expires_after(std::chrono::milliseconds(pause_ms));
  retry_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && !self->stopped_) self->accept_ready();
  });
}

}  // namespace horolog::net
