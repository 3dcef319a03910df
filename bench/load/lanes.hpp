#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {

/// Connections with one request on the way each, driven by one thread: for loads whose next request
/// follows from the last answer. Failures end the program with a message.
class Lanes {
 public:
  /// Called with a whole answer (without its size); the view is gone after the call.
  using OnAnswer = std::function<void(std::size_t lane, ByteView frame)>;

  Lanes(const std::string& address, std::size_t count, OnAnswer on_answer);

  std::size_t size() const { return inputs_.size(); }
  /// Sends a frame now; small enough for the socket's buffer.
  void send(std::size_t lane, ByteView frame);
  /// The same at `when_ns` of the monotonic clock, from within step().
  void send_at(std::size_t lane, ByteBuffer frame, std::int64_t when_ns);
  /// Waits for answers or for a time that send_at() was given, 100 ms at most, and serves them.
  void step();

 private:
  struct Input {
    Descriptor socket;
    ByteBuffer bytes;
  };
  struct Delayed {
    std::size_t lane;
    ByteBuffer frame;
    std::int64_t when_ns;
  };
  void receive(std::size_t lane);
  void send_due();

  std::string address_;
  OnAnswer on_answer_;
  std::vector<Input> inputs_;
  std::vector<pollfd> polls_;
  std::vector<Delayed> delayed_;
};

}  // namespace horolog::bench
