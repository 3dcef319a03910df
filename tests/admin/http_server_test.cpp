#include "admin/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

namespace horolog::admin {
namespace {

using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class FakeSource final : public Source {
 public:
  std::vector<std::string> not_ready_reasons() const override {
    const std::lock_guard lock(mutex_);
    return reasons_;
  }
  void collect(MetricsWriter& out) const override {
    out.gauge("horolog_disk_free_bytes", "Free space.", 1234);
    for (std::size_t i = 0; i < many_; ++i) {
      out.gauge("horolog_padding_bytes", "Makes the answer large.", 1,
                {{"i", std::to_string(i)}});
    }
  }
  void set_reasons(std::vector<std::string> reasons) {
    const std::lock_guard lock(mutex_);
    reasons_ = std::move(reasons);
  }
  void set_many(std::size_t many) { many_ = many; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> reasons_;
  std::atomic<std::size_t> many_{0};
};

/// A server on a free port with its own thread, and blocking clients.
class HttpServerTest : public testing::Test {
 protected:
  void serve(HttpLimits limits = {}) {
    auto server = HttpServer::listen(context_.get_executor(), {"127.0.0.1", 0}, source_, "1.2.3",
                                     limits);
    ASSERT_TRUE(server.ok()) << server.error().message();
    server_ = std::move(*server);
    thread_ = std::thread([this] { context_.run(); });
  }
  void TearDown() override {
    server_.reset();
    if (thread_.joinable()) thread_.join();
  }

  tcp::socket connect() {
    tcp::socket socket(client_context_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->address().port});
    return socket;
  }
  /// Sends bytes and reads until the server closes.
  std::string exchange(const std::string& bytes) {
    tcp::socket socket = connect();
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(bytes), ignored);
    return read_all(socket);
  }
  static std::string read_all(tcp::socket& socket) {
    std::string answer;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }
  std::string get(const std::string& target, const std::string& method = "GET") {
    return exchange(method + " " + target +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  FakeSource source_;
  asio::io_context context_;
  asio::io_context client_context_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersEveryPath) {
  serve();
  EXPECT_THAT(get("/livez"), AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("\r\n\r\nok\n")));
  EXPECT_THAT(get("/healthz"), HasSubstr("\r\n\r\nok\n"));
  EXPECT_THAT(get("/version"), HasSubstr(R"({"name":"horologd","version":"1.2.3"})"));
  EXPECT_THAT(get("/metrics"), AllOf(HasSubstr("text/plain; version=0.0.4"),
                                     HasSubstr("horolog_build_info{version=\"1.2.3\"} 1\n"),
                                     HasSubstr("horolog_disk_free_bytes 1234\n")));
  EXPECT_THAT(get("/metrics?detail=partition"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/nothing"), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("/readyz")));
}

TEST_F(HttpServerTest, ReadinessNamesItsReasons) {
  serve();
  EXPECT_THAT(get("/readyz"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"ready\":true")));
  source_.set_reasons({"recovering 3 of \"10\" partitions", "stopping"});
  EXPECT_THAT(get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503"),
                    HasSubstr(R"({"ready":false,"reasons":["recovering 3 of \"10\" partitions",)"
                              R"("stopping"]})")));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, HeadSendsTheLengthAndNoBody) {
  serve();
  const std::string answer = get("/livez", "HEAD");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Length: 3")));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, RefusesOtherMethods) {
  serve();
  EXPECT_THAT(get("/livez", "POST"), AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("GET, HEAD")));
}

TEST_F(HttpServerTest, KeepsAConnectionForSeveralRequests) {
  serve();
  const std::string again = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string last = "GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::string answers = exchange(again + again + last);
  EXPECT_THAT(answers, HasSubstr("ok\nHTTP/1.1 200 OK"));
  EXPECT_THAT(answers, HasSubstr("1.2.3"));
}

TEST_F(HttpServerTest, GarbageGetsAClearAnswer) {
  serve();
  const std::string tls = std::string("\x16\x03\x01\x00\x05hello", 10) + "\r\n\r\n";
  EXPECT_THAT(exchange(tls), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("not an HTTP request")));
  EXPECT_THAT(exchange("what is this\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200")) << "the server must still serve";
}

TEST_F(HttpServerTest, OversizedRequestsAreRefused) {
  HttpLimits limits;
  limits.header_bytes = 512;
  limits.body_bytes = 64;
  serve(limits);
  const std::string long_header = "GET /livez HTTP/1.1\r\nX: " + std::string(600, 'x') + "\r\n\r\n";
  EXPECT_THAT(exchange(long_header), StartsWith("HTTP/1.1 431"));
  const std::string long_body =
      "GET /livez HTTP/1.1\r\nContent-Length: 65\r\n\r\n" + std::string(65, 'x');
  EXPECT_THAT(exchange(long_body), StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, AClientThatSendsTooSlowlyIsClosed) {
  HttpLimits limits;
  limits.request = std::chrono::milliseconds(50);
  serve(limits);
  tcp::socket socket = connect();
  asio::write(socket, asio::buffer(std::string("GET /livez HT")));
  EXPECT_EQ(read_all(socket), "") << "the deadline must end the connection without an answer";
}

TEST_F(HttpServerTest, AClientThatDoesNotReadIsClosed) {
  HttpLimits limits;
  limits.response = std::chrono::milliseconds(50);
  limits.connections = 1;
  serve(limits);
  source_.set_many(400'000);  // more than the buffers of both sockets take
  tcp::socket slow = connect();
  asio::write(slow, asio::buffer(std::string("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")));
  char first = 0;
  asio::read(slow, asio::buffer(&first, 1));
  // Its answer is under way and stuck. The only place is free again once the deadline has ended it.
  EXPECT_EQ(get("/livez"), "");
  std::string answer;
  while (answer.empty()) answer = get("/livez");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ConnectionsAreBounded) {
  HttpLimits limits;
  limits.connections = 1;
  serve(limits);
  tcp::socket first = connect();
  const std::string request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
  asio::write(first, asio::buffer(request));
  std::string answer;
  asio::read_until(first, asio::dynamic_buffer(answer), "ok\n");
  EXPECT_EQ(get("/livez"), "") << "a second connection must be closed at once";
  first.close();
}

TEST_F(HttpServerTest, ATakenPortNamesItsHolder) {
  serve();
  const auto second = HttpServer::listen(context_.get_executor(), server_->address(), source_, "1");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Errc::busy);
  EXPECT_THAT(second.error().message(),
              HasSubstr("cannot listen on " + server_->address().to_string() +
                        ": in use by pid " + std::to_string(getpid()) + " (test_admin)"));
}

TEST_F(HttpServerTest, StopEndsIdleConnections) {
  serve();
  tcp::socket idle = connect();
  asio::write(idle, asio::buffer(std::string("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")));
  std::string answer;
  asio::read_until(idle, asio::dynamic_buffer(answer), "ok\n");
  server_->stop();
  EXPECT_EQ(read_all(idle), "");
}

}  // namespace
}  // namespace horolog::admin
