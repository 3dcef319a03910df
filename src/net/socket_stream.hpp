#pragma once

#include <memory>

#include "net/byte_stream.hpp"

namespace horolog::net {

/// A TCP connection. Takes an accepted or connected socket whose executor is its shard; sets it to
/// non-blocking, TCP_NODELAY (we gather what belongs together ourselves) and keep-alive.
class SocketStream final : public ByteStream {
 public:
  explicit SocketStream(TcpSocket socket);
  ~SocketStream() override { close(); }

  IoResult read_some(std::span<const MutableBytes> into) override;
  IoResult write_some(std::span<const ByteView> from) override;
  bool sends_files() const override { return true; }
  IoResult send_file(const FileRange& from) override;
  void wait_readable(std::shared_ptr<IoWaiter> waiter) override;
  void wait_writable(std::shared_ptr<IoWaiter> waiter) override;
  void shutdown_write() override;
  void close() override;
  const Endpoint& peer() const override { return peer_; }
  const Endpoint& local() const override { return local_; }

 private:
  TcpSocket socket_;
  Endpoint peer_;
  Endpoint local_;
};

}  // namespace horolog::net
