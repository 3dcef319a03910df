#pragma once

#include <cstddef>

#include "base/clock.hpp"
#include "base/limits.hpp"

namespace horolog::net {

inline constexpr MonoNs second_ns = 1'000'000'000;

/// What one connection may do, and how long it may take. The defaults are those of base/limits.hpp.
struct SessionLimits {
  std::size_t frame_bytes = limits::request_bytes;
  /// Requests handed to the handler whose answers have not been written completely. Above it the
  /// connection is not read.
  std::size_t requests_in_flight = limits::requests_in_flight_per_connection;
  /// Bytes of answers that are ready but not written. Above it the connection is not read.
  std::size_t output_bytes = 2 * limits::fetch_response_bytes;
  /// A frame that has been started must be complete by then, and so must every further
  /// progress_bytes of it: a slow line may carry a large request, a stalled peer may not hold one.
  MonoNs frame_ns = limits::frame_seconds * second_ns;
  /// 0 or less: no limit.
  MonoNs idle_ns = limits::idle_seconds * second_ns;
  /// The same rule for what we write: it bounds how long a slow reader pins deleted segments.
  MonoNs write_ns = limits::write_seconds * second_ns;
  std::size_t progress_bytes = limits::MiB;
  /// How long the peer may take to close after we have.
  MonoNs linger_ns = second_ns;
};

}  // namespace horolog::net
