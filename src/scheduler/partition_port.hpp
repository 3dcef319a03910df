#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/error.hpp"
#include "horolog/types.hpp"
#include "scheduler/records.hpp"
#include "scheduler/topic_identity.hpp"
#include "scheduler/transaction.hpp"
#include "scheduler/watched_topics.hpp"

namespace horolog::scheduler {

/// The three topics of a partition that its owner reads.
enum class Feed : std::uint8_t { state, commands, runs };

/// Records of one read, with read_committed: aborted ones and markers are left out, but counted in
/// `next`.
struct Batch {
  std::vector<InRecord> records;
  Offset next = 0;
  /// Where what was committed ended; it may lie behind `next`.
  Offset end = 0;
};

/// The group's offset of the commands, and the topics it was committed for.
struct Committed {
  Offset offset = no_offset;  ///< when there is none
  TopicIdentity topics{};
};

/// Where the owner stands in the scheduler's consumer group: the second fence.
struct Membership {
  std::string member_id;
  std::int32_t generation = -1;

  bool operator==(const Membership&) const = default;
};

/// How a transaction ended.
struct Written {
  enum class Kind : std::uint8_t {
    committed,
    target_failed,     ///< aborted: `target` does not take records
    old_generation,    ///< aborted: ILLEGAL_GENERATION (22), a rebalance is under way
    lost,              ///< fenced, expired or unknown: the partition is somebody else's, or its
                       ///< transactional id was
    unresolved,        ///< a commit was sent and its outcome is not known
    failed,            ///< aborted for a reason that passes
  };
  Kind kind = Kind::committed;
  std::string target;
  std::string reason;
  /// Of a committed one: behind its last record in the state, and so behind everything that was
  /// committed there before.
  Offset state_next = 0;
};

/// One partition of a cluster, as its owner uses it. Calls block; one thread at a time. A scripted
/// one is in the tests.
class PartitionPort {
 public:
  virtual ~PartitionPort() = default;

  /// InitProducerId with the partition's transactional id: fences the owner before, and answers
  /// when the markers of its last transaction are written.
  virtual Status init_producer() = 0;
  /// The topics as they are now. Errc::not_found when one is not there.
  virtual Result<TopicIdentity> topics() = 0;
  /// The group's offset, with require_stable.
  virtual Result<Committed> committed() = 0;
  /// ListOffsets(latest) with read_uncommitted: where the log ends, open transactions included.
  virtual Result<Offset> log_end(Feed feed) = 0;
  /// ListOffsets(latest) with read_committed: the last stable offset.
  virtual Result<Offset> stable_end(Feed feed) = 0;
  virtual Result<Offset> log_start(Feed feed) = 0;
  /// What is committed from `from` on, waiting up to `wait_ms` for the first of it.
  /// Errc::out_of_range when `from` lies before the log's start or behind its end.
  virtual Result<Batch> read(Feed feed, Offset from, int wait_ms) = 0;
  /// For conditions; borrowed. nullptr: none can be served.
  virtual WatchedTopics* watched_topics() { return nullptr; }
  /// One whole transaction, TxnOffsetCommit last, for the topics that were found last. Its outcome
  /// is known when this returns, or it is `unresolved`.
  virtual Written write(const Transaction& transaction, const Membership& membership) = 0;
};

}  // namespace horolog::scheduler
