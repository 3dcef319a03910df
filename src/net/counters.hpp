#pragma once

#include "base/metrics.hpp"

namespace horolog::net {

/// What the shards of a pool have done since the start. Any thread may count and read.
struct Counters {
  Gauge connections;
  Counter connections_opened;
  Counter connections_refused;  ///< by a connection limit
  Counter accept_errors;
  Counter requests;
  Counter bytes_in;
  Counter bytes_out;
  Counter protocol_errors;  ///< connections closed because of what the peer sent
  Counter deadlines_missed;
  Counter reads_paused;    ///< times a connection was not read because a queue or budget was full
  Counter blocking_reads;  ///< chunks of payloads that had to come from the disk
};

}  // namespace horolog::net
