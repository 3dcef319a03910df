#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "storage/file.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/segment.hpp"

/// How a start gets a partition's producers and transaction indices back. The newest snapshot of
/// the producers says what held at its offset, and vouches for the index entries of markers below
/// it, which were synced before it was written; the batches above are replayed and make the rest.
/// An index that is not what it was is made anew by walking the log from its beginning. A snapshot
/// older than the first batch that is left says nothing: what the producers did in between is gone.
namespace horolog::storage {

using SegmentPointers = std::vector<std::shared_ptr<Segment>>;

/// Feeds the batches of [from, to) to `producers`; `changed` learns of transactions that begin or
/// end, in the order of the log. Reads headers, and of control batches the record.
Status replay_batches(const SegmentPointers& segments, Offset from, Offset to, TimestampMs now,
                      ProducerState& producers,
                      const std::function<void(Segment&, const TransactionChange&)>& changed);

struct TransactionRecoveryInput {
  FileSystem* fs = nullptr;
  std::string directory;
  TimestampMs now = 0;
  /// Bases of the segments that open_trusted() found as they were finished: their indices are
  /// files, and good.
  std::set<Offset> finished;
  /// Learns of the producers as of a segment's end, when that is not below the snapshot.
  std::function<void(const std::shared_ptr<Segment>&, const ProducerState&)> passed;
};

/// Brings `from` (as of its offset) up to the end of `segments`, and the transaction indices of all
/// segments that are not finished into memory. True when an index had to be made anew: its file has
/// to be written, then.
Result<bool> recover_transactions(const TransactionRecoveryInput& input,
                                  const SegmentPointers& segments, LoadedProducers& from);

}  // namespace horolog::storage
