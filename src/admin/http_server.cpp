#include "admin/http_server.hpp"

#include <array>
#include <boost/beast.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "admin/responses.hpp"
#include "base/log.hpp"
#include "net/port_holder.hpp"

namespace horolog::admin {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Stream = beast::basic_stream<tcp, asio::any_io_executor>;
using Response = http::response<http::string_body>;

constexpr std::chrono::milliseconds linger_time{1000};
constexpr int linger_reads = 16;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What went wrong, as HTTP, when it is the client's request that did; nullopt = the connection
/// has gone or timed out, and nobody would read an answer.
std::optional<Answer> answer_bad_request(const boost::system::error_code& error) {
  static const auto& http_errors = make_error_code(http::error::end_of_stream).category();
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != http_errors) {
    return std::nullopt;
  }
  if (error == http::error::header_limit) return text_answer(431, "the request header is too long");
  if (error == http::error::body_limit) return text_answer(413, "the request body is too long");
  return text_answer(400, "not an HTTP request: " + error.message());
}

Response make_response(Answer answer, bool keep_alive, bool head) {
  Response response{http::int_to_status(answer.status), 11};
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(keep_alive);
  response.content_length(answer.body.size());
  if (!head) response.body() = std::move(answer.body);
  return response;
}

Error listen_error(const net::Endpoint& address, const boost::system::error_code& error) {
  if (error == asio::error::address_in_use) {
    return {Errc::busy, net::port_in_use_message(address), error.value()};
  }
  return {Errc::io, "cannot listen on " + address.to_string() + ": " + error.message(),
          error.value()};
}

Result<tcp::endpoint> resolve(const asio::any_io_executor& executor,
                              const net::Endpoint& address) {
  boost::system::error_code error;
  const std::string host = address.host.empty() ? "0.0.0.0" : address.host;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(literal, address.port);
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(host, std::to_string(address.port), error);
  if (error || found.empty()) {
    return Error(Errc::invalid_argument, "cannot resolve '" + host + "': " + error.message());
  }
  return found.begin()->endpoint();
}

}  // namespace

/// Shared by the server object and its coroutines; all but the constructor's work and stop() is
/// done by the executor's thread.
class HttpServer::State : public std::enable_shared_from_this<HttpServer::State> {
 public:
  State(asio::any_io_executor executor, const Source& source, std::string version,
        HttpLimits limits)
      : executor_(std::move(executor)), acceptor_(executor_), source_(source),
        version_(std::move(version)), limits_(limits) {}

  Status open(const net::Endpoint& address) {
    HOROLOG_ASSIGN(const tcp::endpoint endpoint, resolve(executor_, address));
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return listen_error(address, error);
    bound_ = net::Endpoint::of(acceptor_.local_endpoint(error));
    return {};
  }

  void start() { asio::co_spawn(executor_, accept_loop(shared_from_this()), asio::detached); }

  const net::Endpoint& bound() const { return bound_; }

  void stop() {
    asio::post(executor_, [self = shared_from_this()] {
      boost::system::error_code ignored;
      self->acceptor_.close(ignored);
      for (Stream* stream : self->streams_) stream->cancel();
      self->stopping_ = true;
    });
  }

 private:
  // Coroutines take the owner by value: it lives as long as they do.

  static asio::awaitable<void> accept_loop(std::shared_ptr<State> self) {
    while (self->acceptor_.is_open()) {
      auto [error, socket] = co_await self->acceptor_.async_accept(as_result);
      if (error == asio::error::operation_aborted || self->stopping_) co_return;
      if (error) {
        // Out of descriptors, most likely: wait until some have come back.
        asio::steady_timer timer(self->executor_, std::chrono::milliseconds(100));
        co_await timer.async_wait(as_result);
        continue;
      }
      if (self->active_ >= self->limits_.connections) {
        log::warn("admin", "connection refused: too many",
                  {log::field("limit", self->limits_.connections)});
        continue;
      }
      ++self->active_;
      asio::co_spawn(self->executor_, serve(self, std::move(socket)), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> self, tcp::socket socket) {
    Stream stream(std::move(socket));
    self->streams_.insert(&stream);
    beast::flat_buffer buffer(self->limits_.header_bytes + self->limits_.body_bytes);
    bool more = true;
    while (more && !self->stopping_) more = co_await serve_one(*self, stream, buffer);
    if (!self->stopping_) co_await linger(stream);
    self->streams_.erase(&stream);
    --self->active_;
  }

  /// Closing a socket with unread bytes resets the connection, and the peer may lose the answer
  /// that says what was wrong: read a little of what still comes.
  static asio::awaitable<void> linger(Stream& stream) {
    boost::system::error_code error;
    stream.socket().shutdown(tcp::socket::shutdown_send, error);
    stream.expires_after(linger_time);
    std::array<char, 4096> rest;
    for (int reads = 0; reads < linger_reads && !error; ++reads) {
      std::size_t length = 0;
      std::tie(error, length) = co_await stream.async_read_some(asio::buffer(rest), as_result);
    }
  }

  /// One request and its answer; false when the connection is to be closed.
  static asio::awaitable<bool> serve_one(State& self, Stream& stream, beast::flat_buffer& buffer) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(self.limits_.header_bytes));
    parser.body_limit(self.limits_.body_bytes);
    stream.expires_after(self.limits_.request);
    const auto [error, length] = co_await http::async_read(stream, buffer, parser, as_result);
    if (error) {
      auto answer = answer_bad_request(error);
      if (!answer) co_return false;
      co_await write(self, stream, make_response(std::move(*answer), false, false), false);
      co_return false;
    }
    const auto& request = parser.get();
    const bool head = request.method() == http::verb::head;
    const bool known = head || request.method() == http::verb::get;
    Answer answer = known ? answer_get(request.target(), self.source_, self.version_)
                          : text_answer(405, "only GET and HEAD are served");
    const bool keep = request.keep_alive() && !self.stopping_;
    const bool written =
        co_await write(self, stream, make_response(std::move(answer), keep, head), head);
    co_return written && keep;
  }

  static asio::awaitable<bool> write(State& self, Stream& stream, Response response, bool head) {
    stream.expires_after(self.limits_.response);
    http::serializer<false, http::string_body> serializer(response);
    // The answer to HEAD says how long the body would be, and has none.
    if (head) serializer.split(true);
    boost::system::error_code error;
    std::size_t length = 0;
    if (head) {
      std::tie(error, length) = co_await http::async_write_header(stream, serializer, as_result);
    } else {
      std::tie(error, length) = co_await http::async_write(stream, serializer, as_result);
    }
    co_return !error;
  }

  asio::any_io_executor executor_;
  tcp::acceptor acceptor_;
  const Source& source_;
  const std::string version_;
  const HttpLimits limits_;
  net::Endpoint bound_;
  std::set<Stream*> streams_;
  std::size_t active_ = 0;  ///< accepted connections, also those not yet in streams_
  bool stopping_ = false;
};

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::any_io_executor executor,
                                                       const net::Endpoint& address,
                                                       const Source& source, std::string version,
                                                       HttpLimits limits) {
  auto state = std::make_shared<State>(std::move(executor), source, std::move(version), limits);
  HOROLOG_TRY(state->open(address));
  state->start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

net::Endpoint HttpServer::address() const { return state_->bound(); }

void HttpServer::stop() { state_->stop(); }

}  // namespace horolog::admin
