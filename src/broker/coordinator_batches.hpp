#pragma once

#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "coordinator/effects.hpp"
#include "horolog/error.hpp"
#include "horolog/types.hpp"

namespace horolog::broker {

/// The producer in whose transaction a coordinator's records are written.
struct RecordsTransaction {
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = -1;
};

/// The records as batches of a bounded size, in order.
Result<ByteBuffer> build_batches(const std::vector<coordinator::Record>& records, TimestampMs now,
                                 std::optional<RecordsTransaction> transaction);

}  // namespace horolog::broker
