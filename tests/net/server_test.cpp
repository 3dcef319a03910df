#include "net/server.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "base/thread_pool.hpp"
#include "tests/net/rig.hpp"
#include "tests/net/text_payload.hpp"

namespace horolog::net {
namespace {

using tcp = asio::ip::tcp;
using namespace std::chrono_literals;

/// Answers every request with its own bytes, from wherever `where` runs it.
class EchoHandler final : public RequestHandler {
 public:
  void handle(ConnectionInfo& connection, Request request, Responder responder) override {
    {
      const std::lock_guard lock(mutex_);
      local_ = connection.local;
      ++requests_;
    }
    changed_.notify_all();
    auto answer = [request = std::move(request),
                   responder = std::make_shared<Responder>(std::move(responder))] {
      responder->send(response_of(as_text(request.bytes)));
    };
    if (elsewhere != nullptr) {
      elsewhere->post(std::move(answer));
    } else {
      answer();
    }
  }
  void connection_closed(ConnectionInfo&) override {
    {
      const std::lock_guard lock(mutex_);
      ++closed_;
    }
    changed_.notify_all();
  }
  void wait_for_requests(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return requests_ >= n; });
  }
  void wait_for_closed(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ >= n; });
  }
  Endpoint local() {
    const std::lock_guard lock(mutex_);
    return local_;
  }

  Executor* elsewhere = nullptr;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Endpoint local_;
  int requests_ = 0;
  int closed_ = 0;
};

/// A blocking client.
class Client {
 public:
  explicit Client(const Endpoint& to) : socket_(context_) {
    socket_.connect({asio::ip::make_address(to.host), to.port});
  }
  void write(const std::string& text) { asio::write(socket_, asio::buffer(text)); }
  std::string read(std::size_t bytes) {
    std::string text(bytes, '\0');
    boost::system::error_code error;
    text.resize(asio::read(socket_, asio::buffer(text), error));
    return text;
  }
  /// True when the server has closed.
  bool at_end() { return read(1).empty(); }
  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context context_;
  tcp::socket socket_;
};

class ServerTest : public testing::Test {
 protected:
  void open(ServerOptions options = {}, const std::string& host = "127.0.0.1") {
    server.emplace(shards, blocking, handler, options);
    auto bound = server->listen({"PLAINTEXT", host, 0});
    ASSERT_TRUE(bound.ok()) << bound.error().message();
    endpoint = *bound;
    shards.start();
    server->start();
  }

  SystemClock clock;
  ShardPool shards{2, clock};
  ThreadPool blocking{"blocking", 2};
  EchoHandler handler;
  Endpoint endpoint;
  std::optional<Server> server;
};

TEST_F(ServerTest, serves_many_connections_on_real_sockets) {
  open();
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, seed, t] {
      std::mt19937 random(seed + t);
      for (int c = 0; c < 5; ++c) {
        Client client(endpoint);
        for (int i = 0; i < 20; ++i) {
          std::string wire;
          for (auto n = random() % 10 + 1; n > 0; --n) {
            const std::size_t size = random() % 10 == 0 ? random() % 300'000 : random() % 1000;
            wire += frame_of(std::string(size, static_cast<char>('a' + size % 26)));
          }
          std::thread writer([&] { client.write(wire); });
          EXPECT_EQ(client.read(wire.size()), wire);
          writer.join();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  handler.wait_for_closed(20);
  EXPECT_EQ(server->counters().bytes_in.value(), server->counters().bytes_out.value());
}

TEST_F(ServerTest, takes_answers_from_any_thread) {
  handler.elsewhere = &blocking;
  open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      Client client(endpoint);
      std::string wire;
      for (int i = 0; i < 500; ++i) wire += frame_of("request " + std::to_string(i));
      std::thread writer([&] { client.write(wire); });
      EXPECT_EQ(client.read(wire.size()), wire);
      writer.join();
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(ServerTest, tells_the_handler_by_which_address_the_peer_came) {
  open({}, "");  // every interface, IPv6 too
  for (const char* host : {"127.0.0.1", "127.0.0.2"}) {
    Client client({host, endpoint.port});
    client.write(frame_of("hello"));
    client.read(9);
    EXPECT_EQ(handler.local(), (Endpoint{host, endpoint.port}));
  }
}

TEST_F(ServerTest, a_taken_port_is_an_error_that_names_it) {
  open();
  Server second(shards, blocking, handler);
  const auto bound = second.listen({"PLAINTEXT", "127.0.0.1", endpoint.port});
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().code(), Errc::busy);
  EXPECT_NE(bound.error().message().find("127.0.0.1:" + std::to_string(endpoint.port)),
            std::string::npos)
      << bound.error().message();
  EXPECT_NE(bound.error().message().find("pid " + std::to_string(getpid())), std::string::npos)
      << bound.error().message();
}

TEST_F(ServerTest, an_unknown_host_is_an_error_that_names_it) {
  Server other(shards, blocking, handler);
  const auto bound = other.listen({"INTERNAL", "192.0.2.300", 0});
  ASSERT_FALSE(bound.ok());
  EXPECT_NE(bound.error().message().find("192.0.2.300"), std::string::npos);
  EXPECT_NE(bound.error().message().find("INTERNAL"), std::string::npos);
}

TEST_F(ServerTest, refuses_connections_above_the_limit_and_takes_them_again_below) {
  ServerOptions options;
  options.connections_per_address = 2;
  open(options);
  std::optional<Client> first(endpoint);
  first->write(frame_of("x"));
  EXPECT_EQ(first->read(5), frame_of("x"));
  Client second(endpoint);
  second.write(frame_of("x"));
  EXPECT_EQ(second.read(5), frame_of("x"));
  Client third(endpoint);
  EXPECT_TRUE(third.at_end());
  EXPECT_EQ(server->counters().connections_refused.value(), 1U);
  first.reset();
  handler.wait_for_closed(1);
  // The place is given back a moment after the handler was told.
  for (std::string got; got.empty();) {
    Client again(endpoint);
    boost::system::error_code error;
    asio::write(again.socket(), asio::buffer(frame_of("y")), error);
    got = again.read(5);
  }
}

TEST_F(ServerTest, survives_running_out_of_descriptors) {
  open();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  asio::io_context context;
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 4; ++i) {
    sockets.emplace_back(context);
    sockets.back().open(tcp::v4());
  }
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(sockets.back().native_handle() + 1);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (auto& socket : sockets) {
    socket.connect({asio::ip::make_address(endpoint.host), endpoint.port});
  }
  while (server->counters().accept_errors.value() == 0) std::this_thread::yield();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  for (auto& socket : sockets) {
    asio::write(socket, asio::buffer(frame_of("late")));
    std::string text(8, '\0');
    asio::read(socket, asio::buffer(text));
    EXPECT_EQ(text, frame_of("late"));
  }
  EXPECT_LT(server->counters().accept_errors.value(), 100U) << "it spins";
}

TEST_F(ServerTest, stop_waits_for_answers_that_are_due) {
  ThreadPool slow("slow", 1);
  std::mutex gate;
  std::unique_lock closed(gate);
  slow.post([&] { const std::lock_guard wait(gate); });
  handler.elsewhere = &slow;
  open();
  Client client(endpoint);
  client.write(frame_of("in flight"));
  handler.wait_for_requests(1);
  std::thread stopping([&] { server->stop(60s); });
  closed.unlock();
  EXPECT_EQ(client.read(13), frame_of("in flight"));
  EXPECT_TRUE(client.at_end());
  stopping.join();
  EXPECT_EQ(server->sessions(), 0U);
  boost::system::error_code refused;
  asio::io_context context;
  tcp::socket late(context);
  late.connect({asio::ip::make_address(endpoint.host), endpoint.port}, refused);
  EXPECT_TRUE(refused);
  slow.stop();
}

TEST_F(ServerTest, stop_does_not_wait_longer_than_told) {
  SteppedExecutor never;
  handler.elsewhere = &never;
  open();
  Client client(endpoint);
  client.write(frame_of("never answered"));
  handler.wait_for_requests(1);
  server->stop(1ms);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(server->sessions(), 0U);
  never.tasks.clear();
}

TEST_F(ServerTest, is_destroyed_under_load_without_harm) {
  handler.elsewhere = &blocking;
  open();
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        boost::system::error_code error;
        asio::io_context context;
        tcp::socket socket(context);
        socket.connect({asio::ip::make_address(endpoint.host), endpoint.port}, error);
        if (!error) asio::write(socket, asio::buffer(frame_of("x") + frame_of("y")), error);
      }
    });
  }
  handler.wait_for_requests(50);
  server.reset();
  done = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(shards.counters().connections.value(), 0);
}

}  // namespace
}  // namespace horolog::net
