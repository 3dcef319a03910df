#include "bench/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/options.hpp"

namespace horolog::bench {
namespace {

void set_no_delay(int fd) {
  const int on = 1;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) system_error("TCP_NODELAY");
}

}  // namespace

void system_error(const std::string& what) {
  run_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor connect_to(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) usage_error(address + ": not host:port");
  const std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    run_error(fmt::format("{}: {}", address, gai_strerror(code)));
  }
  Descriptor fd(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int code = fd.get() < 0 ? -1 : connect(fd.get(), found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (code != 0) system_error("connect to " + address);
  set_no_delay(fd.get());
  return fd;
}

Descriptor listen_on_loopback(std::string& address) {
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof self;
  auto* const generic = reinterpret_cast<sockaddr*>(&self);
  if (fd.get() < 0 || bind(fd.get(), generic, size) != 0 || listen(fd.get(), 1024) != 0 ||
      getsockname(fd.get(), generic, &size) != 0) {
    system_error("listen on loopback");
  }
  address = fmt::format("127.0.0.1:{}", ntohs(self.sin_port));
  return fd;
}

Descriptor accept_from(const Descriptor& listener) {
  Descriptor fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (fd.get() < 0) system_error("accept");
  set_no_delay(fd.get());
  return fd;
}

void set_nonblocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) system_error("O_NONBLOCK");
}

void set_blocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) != 0) system_error("O_NONBLOCK");
}

void send_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) system_error("send");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

bool receive_all(int fd, MutableBytes bytes) {
  bool any = false;
  while (!bytes.empty()) {
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_error("recv");
    if (got == 0 && !any) return false;
    if (got == 0) run_error("the peer closed the connection within a message");
    any = true;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace horolog::bench
