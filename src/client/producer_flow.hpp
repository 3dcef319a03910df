#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "client/producer_batch.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::client {

struct PartitionQueue;

/// What has been sent of one partition and is not answered for good, and how its sequences stand.
///
/// A broker takes the batches of a producer id only in sequence, so order and exactly-once follow
/// from a few rules: batches get their numbers when they are first sent and keep them; new ones are
/// sent only while none waits to be sent again; a gap (a batch given up or refused) is never sent
/// over: the rest starts again at 0 in a higher epoch, which at once bars what may still be on its
/// way from the epoch before (KIP-360).
struct PartitionFlow {
  explicit PartitionFlow(PartitionQueue& of) : queue(of) {}

  struct Sent {
    ProducerBatch* batch;
    bool in_flight;  ///< else it waits to be sent again
  };

  bool any_in_flight() const {
    for (const Sent& each : sent) {
      if (each.in_flight) return true;
    }
    return false;
  }
  /// Index of the first batch that waits; sent.size() when none does.
  std::size_t first_waiting() const {
    std::size_t i = 0;
    while (i < sent.size() && sent[i].in_flight) ++i;
    return i;
  }
  /// Whether the first that waits may be sent: nothing that follows it is still on its way.
  bool may_resend() const {
    for (std::size_t i = first_waiting(); i < sent.size(); ++i) {
      if (sent[i].in_flight) return false;
    }
    return true;
  }
  std::size_t index_of(const ProducerBatch* batch) const {
    std::size_t i = 0;
    while (i < sent.size() && sent[i].batch != batch) ++i;
    return i;
  }

  PartitionQueue& queue;
  std::vector<Sent> sent;  ///< in the order of their sequences

  std::uint64_t identity_serial = 0;  ///< of the identity that the flow has; 0: none yet
  ProducerId producer_id = no_producer_id;
  ProducerEpoch epoch = -1;
  std::int32_t next_sequence = 0;
  /// A batch with a sequence was given up or refused: what follows it does not join on.
  bool has_gap = false;
  /// The broker will not take what waits under its numbers: all of it starts again.
  bool must_restart = false;

  MonoNs not_before = 0;  ///< backing off
  std::uint32_t failures = 0;
  std::optional<Error> last_error;  ///< since a batch was delivered
  bool active = false;
  bool has_queued = false;  ///< the accumulator may have more of it
  /// Transaction (by its number) that the partition was asked to be, and is, a part of.
  std::uint64_t joining = 0;
  std::uint64_t joined = 0;
};

}  // namespace horolog::client
