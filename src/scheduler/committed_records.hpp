#pragma once

#include "horolog/error.hpp"
#include "protocol/messages/fetch.hpp"
#include "scheduler/partition_port.hpp"

namespace horolog::scheduler {

/// The committed records at and after `from` in a partition's answer to a Fetch with
/// read_committed: without those of aborted transactions, which the answer lists, and without
/// markers. `next` moves past both. Errc::corrupt for batches that do not decode.
Result<Batch> committed_records(const wire::FetchResponse::Partition& answer, Offset from);

}  // namespace horolog::scheduler
