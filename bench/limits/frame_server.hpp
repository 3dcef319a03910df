#pragma once

#include <string>
#include <thread>

#include "base/bytes.hpp"
#include "bench/socket.hpp"

namespace horolog::bench {

/// What a limit program does with a whole request.
class FrameHandler {
 public:
  virtual ~FrameHandler() = default;
  /// `frame` starts at the size prefix and is valid during the call. `fd` is the connection's: the
  /// handler answers by itself, at once or later, from any one thread at a time.
  virtual void on_frame(int fd, ByteView frame) = 0;
  /// Every connection has been closed; the server's thread ends after this.
  virtual void on_end() {}
};

/// The receiving half of every limit program: one thread, epoll, blocking sends. Serves until each
/// of `connections` peers has come and gone.
class FrameServer {
 public:
  /// `handler` must outlive the server.
  FrameServer(int connections, FrameHandler& handler);
  ~FrameServer();

  const std::string& address() const { return address_; }
  /// Waits for the end; CPU seconds of the serving thread.
  double join();

 private:
  void run();

  int expected_;
  FrameHandler& handler_;
  std::string address_;
  Descriptor listener_;
  double cpu_seconds_ = 0;
  std::thread thread_;
};

}  // namespace horolog::bench
