#include "net/socket_stream.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace horolog::net {
namespace {

using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t max_vectors = 64;

/// Calls the socket function until it is not interrupted, and names its outcome.
template <typename Call>
IoResult transfer(Call call) {
  for (;;) {
    const ssize_t n = call();
    if (n > 0) return {IoResult::Kind::done, static_cast<std::size_t>(n), 0};
    if (n == 0) return {IoResult::Kind::end, 0, 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::Kind::would_block, 0, 0};
    return {IoResult::Kind::failed, 0, errno};
  }
}

template <typename Bytes>
msghdr message(std::array<iovec, max_vectors>& vectors, std::span<const Bytes> buffers) {
  const std::size_t count = std::min(buffers.size(), max_vectors);
  for (std::size_t i = 0; i < count; ++i) {
    // iovec has no const form; sendmsg does not write through it.
    vectors[i] = {const_cast<std::byte*>(buffers[i].data()), buffers[i].size()};
  }
  msghdr header{};
  header.msg_iov = vectors.data();
  header.msg_iovlen = count;
  return header;
}

}  // namespace

SocketStream::SocketStream(TcpSocket socket) : socket_(std::move(socket)) {
  error_code ignored;  // a connection that broke already is noticed at the first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) peer_ = Endpoint::of(peer);
  const auto local = socket_.local_endpoint(error);
  if (!error) local_ = Endpoint::of(local);
}

IoResult SocketStream::read_some(std::span<const MutableBytes> into) {
  if (!socket_.is_open()) return {IoResult::Kind::failed, 0, EBADF};
  const int fd = socket_.native_handle();
  if (into.size() == 1) {
    return transfer([&] { return ::recv(fd, into[0].data(), into[0].size(), 0); });
  }
  std::array<iovec, max_vectors> vectors;
  msghdr header = message(vectors, into);
  return transfer([&] { return ::recvmsg(fd, &header, 0); });
}

IoResult SocketStream::write_some(std::span<const ByteView> from) {
  if (!socket_.is_open()) return {IoResult::Kind::failed, 0, EBADF};
  const int fd = socket_.native_handle();
  if (from.size() == 1) {
    return transfer([&] { return ::send(fd, from[0].data(), from[0].size(), MSG_NOSIGNAL); });
  }
  std::array<iovec, max_vectors> vectors;
  msghdr header = message(vectors, from);
  return transfer([&] { return ::sendmsg(fd, &header, MSG_NOSIGNAL); });
}

IoResult SocketStream::send_file(const FileRange& from) {
  if (!socket_.is_open()) return {IoResult::Kind::failed, 0, EBADF};
  auto position = static_cast<off_t>(from.position);
  return transfer(
      [&] { return ::sendfile(socket_.native_handle(), from.descriptor, &position, from.bytes); });
}

void SocketStream::wait_readable(std::shared_ptr<IoWaiter> waiter) {
  socket_.async_wait(TcpSocket::wait_read, [waiter = std::move(waiter)](const error_code& error) {
    // Any other error shows at the read.
    if (error != asio::error::operation_aborted) waiter->readable();
  });
}

void SocketStream::wait_writable(std::shared_ptr<IoWaiter> waiter) {
  socket_.async_wait(TcpSocket::wait_write, [waiter = std::move(waiter)](const error_code& error) {
    if (error != asio::error::operation_aborted) waiter->writable();
  });
}

void SocketStream::shutdown_write() {
  error_code ignored;  // the peer may have gone
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void SocketStream::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace horolog::net
