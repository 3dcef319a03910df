#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "bench/histogram.hpp"

namespace horolog::bench {

/// Idempotent producing: each connection is one producer whose base sequence grows by
/// `records_per_batch` from request to request (the batch's CRC follows).
struct SequencePlan {
  std::size_t batch_at = 0;
  std::int32_t records_per_batch = 1;
};

/// Closed-loop load of ready frames: every connection keeps `in_flight` requests on the way.
struct LoadPlan {
  std::string address;
  /// One per connection, sent again and again with a new correlation id.
  std::vector<ByteBuffer> frames;
  int in_flight = 1;
  /// The run ends when this many requests are answered, or after `seconds`; the other is 0.
  std::uint64_t requests = 0;
  double seconds = 0;
  /// False for acks=0: nothing is answered, and `fence` is sent and awaited at the end instead, so
  /// that the broker has seen everything before the clock stops.
  bool answered = true;
  ByteBuffer fence;
  /// Where an answer has its error code, from the correlation id on. 0: not looked at.
  std::size_t error_at = 0;
  std::optional<SequencePlan> sequence;
};

struct LoadResult {
  std::uint64_t requests = 0;
  double seconds = 0;
  /// From the start of a request's first byte to its answer; empty when nothing is answered.
  LatencyHistogram latency;
};

/// Runs the plan in the calling thread. An error code in an answer, or a lost connection, ends the
/// program with a message: a load that fails measures nothing.
LoadResult run_load(const LoadPlan& plan);

}  // namespace horolog::bench
