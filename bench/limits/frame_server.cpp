#include "bench/limits/frame_server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "bench/options.hpp"
#include "bench/report.hpp"

namespace horolog::bench {
namespace {

/// How much is read ahead when the rest of a frame is not known to be longer: enough for many small
/// requests at once, little enough that moving the rest of a large one costs nothing.
constexpr std::size_t read_ahead_bytes = 64 << 10;

class Input {
 public:
  explicit Input(Descriptor socket) : socket_(std::move(socket)) {}
  int fd() const { return socket_.get(); }

  /// One recv; then every whole frame goes to the handler. False at the end of the stream.
  bool receive(FrameHandler& handler) {
    const std::size_t wanted = std::max(read_ahead_bytes, missing());
    if (buffer_.size() < held_ + wanted) buffer_.resize(held_ + wanted);
    // A large frame is read to its end and no further, so that nothing needs to be moved.
    const std::size_t room = missing() > read_ahead_bytes ? missing() : wanted;
    const ssize_t got = recv(fd(), buffer_.data() + held_, room, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (got < 0 && errno != ECONNRESET) system_error("recv");
    if (got <= 0) return false;
    held_ += static_cast<std::size_t>(got);
    std::size_t at = 0;
    while (held_ - at >= 4 && held_ - at >= frame_bytes(at)) {
      handler.on_frame(fd(), ByteView(buffer_).subspan(at, frame_bytes(at)));
      at += frame_bytes(at);
    }
    if (at > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at),
                buffer_.begin() + static_cast<std::ptrdiff_t>(held_), buffer_.begin());
      held_ -= at;
    }
    return true;
  }

 private:
  std::size_t frame_bytes(std::size_t at) const {
    return 4 + static_cast<std::size_t>(load_be<std::uint32_t>(buffer_.data() + at));
  }
  std::size_t missing() const { return held_ < 4 ? 0 : frame_bytes(0) - held_; }

  Descriptor socket_;
  ByteBuffer buffer_;
  std::size_t held_ = 0;
};

}  // namespace

FrameServer::FrameServer(int connections, FrameHandler& handler)
    : expected_(connections), handler_(handler), listener_(listen_on_loopback(address_)) {
  thread_ = std::thread([this] { run(); });
}

FrameServer::~FrameServer() {
  if (thread_.joinable()) thread_.join();
}

double FrameServer::join() {
  thread_.join();
  return cpu_seconds_;
}

void FrameServer::run() {
  const Descriptor poll(epoll_create1(EPOLL_CLOEXEC));
  std::map<int, Input> inputs;
  for (int n = 0; n < expected_; ++n) {
    Input input(accept_from(listener_));
    epoll_event event{.events = EPOLLIN, .data = {.fd = input.fd()}};
    if (epoll_ctl(poll.get(), EPOLL_CTL_ADD, input.fd(), &event) != 0) system_error("epoll_ctl");
    const int fd = input.fd();
    inputs.emplace(fd, std::move(input));
  }
  while (!inputs.empty()) {
    epoll_event events[128];
    const int ready = epoll_wait(poll.get(), events, 128, -1);
    if (ready < 0 && errno != EINTR) system_error("epoll_wait");
    for (int n = 0; n < ready; ++n) {
      const auto at = inputs.find(events[n].data.fd);
      if (!at->second.receive(handler_)) inputs.erase(at);
    }
  }
  handler_.on_end();
  cpu_seconds_ = thread_cpu_seconds();
}

}  // namespace horolog::bench
