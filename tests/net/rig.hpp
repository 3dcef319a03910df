#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "net/memory_stream.hpp"
#include "net/server.hpp"

namespace horolog::net {

class FakeClock final : public Clock {
 public:
  TimestampMs wall_ms() const override { return 0; }
  MonoNs mono_ns() const override { return now; }
  MonoNs now = 1'000 * second_ns;
};

/// Runs tasks when told to.
class SteppedExecutor final : public Executor {
 public:
  void post(Task task) override { tasks.push_back(std::move(task)); }
  void run() {
    while (!tasks.empty()) {
      const Task task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
  std::deque<Task> tasks;
};

inline std::string frame_of(std::string_view body) {
  ByteBuffer bytes;
  append_be(bytes, static_cast<std::int32_t>(body.size()));
  return std::string(as_text(bytes)) + std::string(body);
}

inline Response response_of(std::string_view body) {
  return {to_buffer(as_bytes(frame_of(body))), {}};
}

/// Keeps every request until the test answers it.
class HoldingHandler : public RequestHandler {
 public:
  struct Held {
    Request request;
    Responder responder;
    std::string text() const { return std::string(as_text(request.bytes)); }
    void echo() {
      Response response = response_of(text());
      request = {};
      responder.send(std::move(response));
    }
  };
  void handle(ConnectionInfo& connection, Request request, Responder responder) override {
    last_connection = &connection;
    held.push_back({std::move(request), std::move(responder)});
    if (answer_at_once) held.back().echo();
  }
  void connection_closed(ConnectionInfo& connection) override {
    ++closed;
    if (last_connection == &connection) last_connection = nullptr;
  }

  bool answer_at_once = false;
  std::vector<Held> held;
  ConnectionInfo* last_connection = nullptr;
  int closed = 0;
};

/// A server on one shard that the test steps, with one client on an in-memory stream: everything
/// happens in the test's thread, in a fixed order, at the time the fake clock shows.
class Rig {
 public:
  explicit Rig(ServerOptions options = {}, std::size_t stream_bytes = 1024 * 1024)
      : server(shards, blocking, handler, options) {
    connect(stream_bytes);
  }

  void connect(std::size_t stream_bytes = 1024 * 1024) {
    auto [mine, theirs] = MemoryStream::pair({shards.at(0), {"192.0.2.7", 40000}},
                                             {shards.at(0), {"192.0.2.1", 9092}}, stream_bytes);
    client = std::move(mine);
    server.serve(std::move(theirs), shards.at(0), "PLAINTEXT", "User:test");
    step();
  }

  void step() { shards.run_ready(); }
  void advance(MonoNs by) {
    clock.now += by;
    step();
  }

  /// Writes what the stream takes; the rest is the caller's.
  std::size_t write(std::string_view text) {
    const ByteView bytes = as_bytes(text);
    const IoResult result = client->write_some({&bytes, 1});
    step();
    return result.kind == IoResult::Kind::done ? result.bytes : 0;
  }
  /// Reads at most `most` bytes of what is there.
  std::string read(std::size_t most = 64 * 1024 * 1024) {
    std::string all;
    while (all.size() < most) {
      std::string part(std::min<std::size_t>(most - all.size(), 1 << 20), '\0');
      const MutableBytes into{reinterpret_cast<std::byte*>(part.data()), part.size()};
      const IoResult result = client->read_some({&into, 1});
      if (result.kind == IoResult::Kind::end) ended = true;
      if (result.kind != IoResult::Kind::done) break;
      all.append(part, 0, result.bytes);
      step();
    }
    return all;
  }
  /// True when the server has ended its direction, with nothing left to be read, and the session
  /// goes once the client has closed too.
  bool closed() {
    const std::string unread = read();
    client->close();
    step();
    return unread.empty() && ended && server.sessions() == 0;
  }

  FakeClock clock;
  ShardPool shards{1, clock};
  SteppedExecutor blocking;
  HoldingHandler handler;
  Server server;
  std::unique_ptr<MemoryStream> client;
  bool ended = false;
};

}  // namespace horolog::net
