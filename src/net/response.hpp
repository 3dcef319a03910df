#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "horolog/error.hpp"

namespace horolog::net {

/// Bytes that a response contains but does not hold: a range of a log file, usually. Held until the
/// last byte has been written to the peer, which pins what it refers to.
class Payload {
 public:
  virtual ~Payload() = default;
  virtual std::size_t size() const = 0;
  /// All bytes, where reading them can neither wait for a disk nor fault; empty when they have to
  /// be read with the functions below.
  virtual ByteView mapped() const = 0;
  /// Reads up to out.size() bytes from `at`, at least one. Errc::busy: it would have to wait.
  virtual Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const = 0;
  /// The same, waiting for the disk. Called on the blocking pool.
  virtual Result<std::size_t> read_blocking(std::size_t at, MutableBytes out) const = 0;
};

/// Where a payload goes: between bytes[at - 1] and bytes[at].
struct Splice {
  std::size_t at = 0;
  std::shared_ptr<const Payload> payload;
};

/// A whole response frame. `bytes` starts with the 4-byte size, which counts the payloads too.
/// Splices are in ascending order of `at`.
struct Response {
  ByteBuffer bytes;
  std::vector<Splice> splices;

  /// Length on the wire, payloads included.
  std::size_t wire_size() const {
    std::size_t total = bytes.size();
    for (const Splice& splice : splices) total += splice.payload->size();
    return total;
  }
};

/// What becomes of a request's place in the ordered queue of responses.
struct Answer {
  enum class Kind : std::uint8_t {
    response,
    nothing,  ///< acks=0: the peer expects no bytes
    close,    ///< end the connection when the answers before this one are out
  };
  Kind kind = Kind::nothing;
  Response response;
  std::string reason;  ///< of a close, for the log
};

}  // namespace horolog::net
