#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "horolog/error.hpp"
#include "net/asio_alias.hpp"
#include "net/endpoint.hpp"
#include "net/server.hpp"

namespace horolog::net {

/// A listening socket. Accepts on one shard and gives each connection to the least loaded one.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Binds and listens. Errc::busy when somebody has the port, named when the system tells.
  static Result<std::shared_ptr<Listener>> open(Server& server, Shard& shard,
                                                const ListenerConfig& config);

  const std::string& name() const { return name_; }
  const Endpoint& bound() const { return bound_; }
  void start();
  /// Thread-safe; what the kernel had accepted and we had not is refused.
  void stop();

 private:
  Listener(Server& server, Shard& shard, std::string name)
      : server_(server),
        shard_(shard),
        name_(std::move(name)),
        acceptor_(shard.context()),
        retry_(shard.context()) {}

  void wait();
  void accept_ready();
  void welcome(TcpSocket socket, Shard& home);
  /// Out of descriptors or memory: waiting again at once would only spin.
  void back_off(const boost::system::error_code& error);

  Server& server_;
  Shard& shard_;
  const std::string name_;
  Endpoint bound_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  int failures_ = 0;
  MonoNs refusal_logged_ns_ = 0;
  bool stopped_ = false;
};

}  // namespace horolog::net
