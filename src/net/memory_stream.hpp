#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/executor.hpp"
#include "net/byte_stream.hpp"

namespace horolog::net {

/// One end of an in-memory connection. Each end belongs to one thread, that of its executor; the
/// two may differ. Each direction holds at most its capacity of bytes, so that a slow reader slows
/// the writer as a socket would.
class MemoryStream final : public ByteStream {
 public:
  /// Both ends name themselves by the endpoints given: `first.peer() == second.local()`.
  struct End {
    Executor& executor;
    Endpoint name;
    /// close() here is a reset over there, not just an end: nobody waits for answers any more.
    bool close_resets = false;
  };
  static std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> pair(
      End first, End second, std::size_t capacity_bytes = 1024 * 1024);

  ~MemoryStream() override { close(); }

  IoResult read_some(std::span<const MutableBytes> into) override;
  IoResult write_some(std::span<const ByteView> from) override;
  void wait_readable(std::shared_ptr<IoWaiter> waiter) override;
  void wait_writable(std::shared_ptr<IoWaiter> waiter) override;
  void shutdown_write() override;
  void close() override;
  const Endpoint& peer() const override { return peer_; }
  const Endpoint& local() const override { return local_; }

 private:
  struct Pipe;
  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, const End& local,
               Endpoint peer);

  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  Endpoint local_;
  Endpoint peer_;
  const bool close_resets_;
};

}  // namespace horolog::net
