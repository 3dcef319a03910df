#include "bench/load/frame_load.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>

#include "bench/load/frames.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/socket.hpp"
#include "record/batch.hpp"

namespace horolog::bench {
namespace {

constexpr std::size_t receive_bytes = 64 << 10;

struct Connection {
  Descriptor socket;
  ByteBuffer frame;
  std::size_t sent = 0;  ///< bytes of the current frame; 0 = none has been started
  std::int32_t correlation = 0;
  std::int32_t sequence = 0;
  std::deque<std::int64_t> started_ns;  ///< of the requests on the way, oldest first
  ByteBuffer input = ByteBuffer(receive_bytes);
  std::size_t held = 0;
  bool wants_write = false;
};

class Loop {
 public:
  explicit Loop(const LoadPlan& plan) : plan_(plan), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_.get() < 0) system_error("epoll_create1");
    for (const ByteBuffer& frame : plan.frames) {
      auto connection = std::make_unique<Connection>();
      connection->socket = connect_to(plan.address);
      connection->frame = frame;
      set_nonblocking(connection->socket.get());
      control(EPOLL_CTL_ADD, *connection, EPOLLIN);
      connections_.push_back(std::move(connection));
    }
  }

  LoadResult run() {
    const std::int64_t start = mono_ns();
    if (plan_.seconds > 0) stop_ns_ = start + static_cast<std::int64_t>(plan_.seconds * 1e9);
    for (auto& connection : connections_) fill(*connection);
    while (!done()) step();
    if (!plan_.answered) fence();
    result_.seconds = static_cast<double>(mono_ns() - start) / 1e9;
    return std::move(result_);
  }

 private:
  bool may_start() const {
    if (plan_.requests > 0) return started_ < plan_.requests;
    return mono_ns() < stop_ns_;
  }
  bool done() const {
    if (pending_ > 0) return false;
    return !may_start();
  }

  void control(int operation, Connection& connection, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &connection}};
    if (epoll_ctl(poll_.get(), operation, connection.socket.get(), &event) != 0) {
      system_error("epoll_ctl");
    }
  }

  void step() {
    epoll_event events[64];
    const int ready = epoll_wait(poll_.get(), events, 64, 100);
    if (ready < 0 && errno != EINTR) system_error("epoll_wait");
    for (int n = 0; n < ready; ++n) {
      auto& connection = *static_cast<Connection*>(events[n].data.ptr);
      if ((events[n].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(connection);
      fill(connection);
    }
  }

  void begin_frame(Connection& c) {
    store_be(c.frame.data() + correlation_at, c.correlation++);
    if (plan_.sequence) {
      const MutableBytes batch = MutableBytes(c.frame).subspan(plan_.sequence->batch_at);
      store_be(batch.data() + record::layout::base_sequence, c.sequence);
      record::seal_crc(batch);
      c.sequence = static_cast<std::int32_t>(
          (static_cast<std::uint32_t>(c.sequence) +
           static_cast<std::uint32_t>(plan_.sequence->records_per_batch)) & 0x7fffffff);
    }
    if (plan_.answered) c.started_ns.push_back(mono_ns());
    ++started_;
    ++pending_;
  }

  void fill(Connection& c) {
    while (c.sent > 0 ||
           (static_cast<int>(c.started_ns.size()) < plan_.in_flight && may_start())) {
      if (c.sent == 0) begin_frame(c);
      const ByteView rest = ByteView(c.frame).subspan(c.sent);
      const ssize_t sent = send(c.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return want_write(c, true);
      if (sent < 0) system_error("send to " + plan_.address);
      c.sent += static_cast<std::size_t>(sent);
      if (c.sent < c.frame.size()) return want_write(c, true);
      c.sent = 0;
      if (!plan_.answered) finish_one();
    }
    want_write(c, false);
  }

  void want_write(Connection& c, bool wanted) {
    if (c.wants_write == wanted) return;
    c.wants_write = wanted;
    control(EPOLL_CTL_MOD, c, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void receive(Connection& c) {
    const MutableBytes room = MutableBytes(c.input).subspan(c.held);
    const ssize_t got = recv(c.socket.get(), room.data(), room.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) system_error("receive from " + plan_.address);
    if (got == 0) run_error(plan_.address + " closed the connection (its log may say why)");
    c.held += static_cast<std::size_t>(got);
    std::size_t at = 0;
    while (c.held - at >= 4) {
      const auto size = static_cast<std::size_t>(load_be<std::uint32_t>(c.input.data() + at));
      if (size > receive_bytes - 4) run_error(fmt::format("an answer of {} bytes", size));
      if (c.held - at - 4 < size) break;
      answer(c, ByteView(c.input).subspan(at + 4, size));
      at += 4 + size;
    }
    std::copy(c.input.begin() + static_cast<std::ptrdiff_t>(at),
              c.input.begin() + static_cast<std::ptrdiff_t>(c.held), c.input.begin());
    c.held -= at;
  }

  void answer(Connection& c, ByteView body) {
    if (c.started_ns.empty()) run_error("an answer that nothing was asked for");
    if (plan_.error_at > 0) {
      if (body.size() < plan_.error_at + 2) run_error("an answer that is too short");
      const auto code = load_be<std::int16_t>(body.data() + plan_.error_at);
      if (code != 0) run_error(fmt::format("the broker refused a request with error {}", code));
    }
    result_.latency.record(mono_ns() - c.started_ns.front());
    c.started_ns.pop_front();
    finish_one();
  }

  void finish_one() {
    --pending_;
    ++result_.requests;
  }

  /// From here on the sockets block: nothing else is on the way.
  void fence() {
    for (auto& connection : connections_) {
      const int fd = connection->socket.get();
      set_blocking(fd);
      send_all(fd, plan_.fence);
      std::byte size[4];
      receive_all(fd, size);
      ByteBuffer reply(load_be<std::uint32_t>(size));
      receive_all(fd, reply);
    }
  }

  const LoadPlan& plan_;
  Descriptor poll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  LoadResult result_;
  std::uint64_t started_ = 0;
  std::uint64_t pending_ = 0;
  std::int64_t stop_ns_ = 0;
};

}  // namespace

LoadResult run_load(const LoadPlan& plan) { return Loop(plan).run(); }

}  // namespace horolog::bench
