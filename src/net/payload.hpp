#pragma once

#include <cstddef>

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

}  // namespace horolog::net
