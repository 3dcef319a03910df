#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.hpp"

/// Plain blocking sockets. A benchmark that cannot reach its peer has nothing to report, so every
/// failure here ends the program with a message.
namespace horolog::bench {

/// Owns a descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// "host:port"; "127.0.0.1:0" lets the system choose when listening.
Descriptor connect_to(const std::string& address);
/// Listens on a loopback port the system chooses.
Descriptor listen_on_loopback(std::string& address);
Descriptor accept_from(const Descriptor& listener);

void set_nonblocking(int fd);
void set_blocking(int fd);
void send_all(int fd, ByteView bytes);
/// False when the peer closed before the first byte.
bool receive_all(int fd, MutableBytes bytes);

/// Ends the program with what errno says about `what`.
[[noreturn]] void system_error(const std::string& what);

}  // namespace horolog::bench
