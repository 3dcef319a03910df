#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "horolog/error.hpp"

namespace horolog::net {

/// Bytes of an open file.
struct FileRange {
  int descriptor = -1;
  std::uint64_t position = 0;
  std::size_t bytes = 0;  ///< 0 = none
};

/// Bytes that a response contains but does not hold: a range of a log file, usually. Held until the
/// last byte has been written to the peer, which pins what it refers to.
class Payload {
 public:
  virtual ~Payload() = default;
  virtual std::size_t size() const = 0;
  /// All bytes, where reading them can neither wait for a disk nor fault; empty when they have to
  /// be read with the functions below.
  virtual ByteView mapped() const = 0;
  /// Up to `most` bytes from `at` on that lie in one file and in the page cache, so that sending
  /// them from there does not wait for a disk; none when that is not known. The descriptor is valid
  /// as long as the payload.
  virtual FileRange cached_range(std::size_t at, std::size_t most) const {
    static_cast<void>(at);
    static_cast<void>(most);
    return {};
  }
  /// Reads up to out.size() bytes from `at`, at least one. Errc::busy: it would have to wait.
  virtual Result<std::size_t> read_nowait(std::size_t at, MutableBytes out) const = 0;
  /// The same, waiting for the disk. Called on the blocking pool.
  virtual Result<std::size_t> read_blocking(std::size_t at, MutableBytes out) const = 0;
};

}  // namespace horolog::net
