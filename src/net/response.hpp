#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/payload.hpp"

namespace horolog::net {

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
