#include <fmt/format.h>

#include <string>
#include <vector>

#include "client/loop.hpp"
#include "client/transport.hpp"
#include "net/socket_stream.hpp"

namespace horolog::client {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

/// One attempt. Its handlers hold it weakly: once its owner lets go, they do nothing.
class Dial final : public std::enable_shared_from_this<Dial> {
 public:
  Dial(Loop& loop, net::Endpoint to, Transport::Opened done)
      : to_(std::move(to)),
        done_(std::move(done)),
        resolver_(loop.context().get_executor()),
        socket_(loop.context().get_executor()) {}

  void start() {
    error_code not_numeric;
    const auto address = asio::ip::make_address(to_.host, not_numeric);
    if (!not_numeric) {
      addresses_.emplace_back(address, to_.port);
      return connect_next();
    }
    resolver_.async_resolve(
        to_.host, std::to_string(to_.port), tcp::resolver::numeric_service,
        [weak = weak_from_this()](const error_code& error, const auto& found) {
          const auto self = weak.lock();
          if (!self || !self->done_) return;
          if (error) return self->fail("the name cannot be looked up: " + error.message());
          for (const auto& entry : found) self->addresses_.push_back(entry.endpoint());
          self->connect_next();
        });
  }

  void cancel() {
    done_ = nullptr;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void connect_next() {
    if (next_ == addresses_.size()) return fail(std::exchange(failures_, {}));
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(addresses_[next_], [weak = weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (self && self->done_) self->connected(error);
    });
  }

  void connected(const error_code& error) {
    if (!error) {
      auto stream = std::make_unique<net::SocketStream>(std::move(socket_));
      return std::exchange(done_, nullptr)(Transport::Stream(std::move(stream)));
    }
    if (!failures_.empty()) failures_ += "; ";
    failures_ += fmt::format("{}: {}", net::Endpoint::of(addresses_[next_]).to_string(),
                             error.message());
    os_error_ = error.value();
    ++next_;
    connect_next();
  }

  void fail(std::string why) {
    std::exchange(done_, nullptr)(Error(Errc::io, std::move(why), os_error_));
  }

  net::Endpoint to_;
  Transport::Opened done_;
  asio::ip::basic_resolver<tcp, asio::io_context::executor_type> resolver_;
  net::TcpSocket socket_;
  std::vector<tcp::endpoint> addresses_;
  std::size_t next_ = 0;
  std::string failures_;
  int os_error_ = 0;
};

class TcpTransport final : public Transport {
 public:
  std::unique_ptr<Attempt> open(Loop& loop, const net::Endpoint& to, Opened done) override {
    struct Held final : Attempt {
      explicit Held(std::shared_ptr<Dial> dial_) : dial(std::move(dial_)) {}
      ~Held() override { dial->cancel(); }
      std::shared_ptr<Dial> dial;
    };
    auto dial = std::make_shared<Dial>(loop, to, std::move(done));
    dial->start();
    return std::make_unique<Held>(std::move(dial));
  }
};

}  // namespace

std::shared_ptr<Transport> tcp_transport() { return std::make_shared<TcpTransport>(); }

}  // namespace horolog::client
