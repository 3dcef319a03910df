#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "net/endpoint.hpp"
#include "net/payload.hpp"

namespace horolog::net {

struct IoResult {
  enum class Kind : std::uint8_t {
    done,         ///< `bytes` were moved, at least one
    would_block,  ///< wait first
    end,          ///< reading: the peer will send no more
    failed,       ///< the connection is broken; os_error says how
  };
  Kind kind = Kind::done;
  std::size_t bytes = 0;
  int os_error = 0;
};

/// Told when a stream can go on. Called on the stream's executor, never inside wait_*().
class IoWaiter {
 public:
  virtual ~IoWaiter() = default;
  virtual void readable() = 0;
  virtual void writable() = 0;
};

/// What a session runs on: a socket, an in-memory pair, later TLS. Reads and writes never wait; a
/// caller that was told would_block asks to be called back. So a connection that waits needs no
/// buffer. Belongs to one thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Fills the buffers in order, as far as there are bytes.
  virtual IoResult read_some(std::span<const MutableBytes> into) = 0;
  /// Writes the buffers in order, as far as there is room.
  virtual IoResult write_some(std::span<const ByteView> from) = 0;

  /// Whether send_file() may be called: it spares the copy through a buffer of ours.
  virtual bool sends_files() const { return false; }
  /// Writes bytes straight from a file, as far as there is room.
  virtual IoResult send_file(const FileRange& from) {
    static_cast<void>(from);
    return {IoResult::Kind::failed, 0, 0};
  }

  /// One call of readable() when a read can move on (bytes, end or failure). At most one wait per
  /// direction at a time. The stream holds the waiter until then or until close().
  virtual void wait_readable(std::shared_ptr<IoWaiter> waiter) = 0;
  virtual void wait_writable(std::shared_ptr<IoWaiter> waiter) = 0;

  /// The peer reads to the end; reading goes on.
  virtual void shutdown_write() = 0;
  /// Ends both directions and forgets the waiters. May be called again.
  virtual void close() = 0;

  virtual const Endpoint& peer() const = 0;
  virtual const Endpoint& local() const = 0;
};

}  // namespace horolog::net
