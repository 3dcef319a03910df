#pragma once

#include <array>
#include <cstdint>

#include "base/metrics.hpp"

namespace horolog::broker {

/// What /metrics says of requests: per API, from the complete frame to the answer handed to the
/// session. Updated with relaxed atomics from every shard.
struct RequestMetrics {
  static constexpr std::size_t api_slots = 96;

  struct Api {
    Counter requests;
    Histogram seconds;
  };
  std::array<Api, api_slots> apis;
  Counter bytes_in;   ///< record bytes accepted by Produce
  Counter bytes_out;  ///< record bytes sent by Fetch
  Counter records_in;
  Counter batches_in;
  Counter invalid_batches;
  Counter duplicate_batches;
  Counter parked_fetches;
};

}  // namespace horolog::broker
