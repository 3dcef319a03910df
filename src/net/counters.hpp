#pragma once

#include <atomic>
#include <cstdint>

namespace horolog::net {

/// A number with one writing thread and any number of readers: no locked instruction to count.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one shard has done since the start. Written by the shard's thread only.
struct alignas(64) Counters {
  Counter connections_opened;
  Counter connections_closed;
  Counter connections_refused;  ///< by a connection limit
  Counter accept_errors;
  Counter requests;
  Counter bytes_in;
  Counter bytes_out;
  Counter protocol_errors;  ///< connections closed because of what the peer sent
  Counter deadlines_missed;
  Counter blocking_reads;  ///< payload chunks that had to come from the disk
};

/// The same numbers of several shards added up.
struct CounterTotals {
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_closed = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t accept_errors = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t protocol_errors = 0;
  std::uint64_t deadlines_missed = 0;
  std::uint64_t blocking_reads = 0;

  void add(const Counters& c) {
    connections_opened += c.connections_opened.get();
    connections_closed += c.connections_closed.get();
    connections_refused += c.connections_refused.get();
    accept_errors += c.accept_errors.get();
    requests += c.requests.get();
    bytes_in += c.bytes_in.get();
    bytes_out += c.bytes_out.get();
    protocol_errors += c.protocol_errors.get();
    deadlines_missed += c.deadlines_missed.get();
    blocking_reads += c.blocking_reads.get();
  }
};

}  // namespace horolog::net
