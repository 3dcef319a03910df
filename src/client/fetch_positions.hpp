#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "client/fetch_cursor.hpp"
#include "horolog/error.hpp"

namespace horolog::client {

/// What is read at the moment: the partitions, where each stands, what was fetched of it and not
/// handed out yet. Pure; its owner guards it with a lock.
///
/// A jump (a seek, a new assignment) gives a partition a new ticket: answers and buffers with the
/// old one are void.
class FetchPositions {
 public:
  struct Settings {
    FetchCursor::Options cursor;
    OffsetReset reset = OffsetReset::latest;
    bool use_committed = true;  ///< there is a group whose offsets count first
    std::size_t buffered_bytes = 0;
    std::size_t partition_bytes = 0;
  };

  /// What a partition waits for.
  enum class Stage : std::uint8_t {
    committed,   ///< the group's committed offset
    reset,       ///< the offset of reset_time
    validation,  ///< whether the log still has what we read (KIP-320)
    fetching,
    failed,      ///< with an error, until it is sought
  };

  struct Partition {
    std::shared_ptr<const TopicPartition> name;
    std::uint64_t ticket = 0;
    Stage stage = Stage::committed;
    TimestampMs reset_time = 0;     ///< as ListOffsets has it: -1 latest, -2 earliest
    Offset position = no_offset;    ///< of the next record handed out
    Offset next_fetch = no_offset;  ///< position, or after what is buffered
    LeaderEpoch epoch = -1;         ///< of what is before the position
    LeaderEpoch validated = -1;     ///< the leader's epoch in which the position is known good
    bool paused = false;
    std::size_t buffered = 0;
    MonoNs not_before = 0;  ///< pause after an error
    std::optional<Error> error;
    Offset high_watermark = -1;
    Offset last_stable = -1;
    Offset log_start = -1;
  };

  explicit FetchPositions(Settings settings);

  // The assignment.

  void add(const std::vector<TopicPartition>& partitions);
  void remove(const std::vector<TopicPartition>& partitions);
  /// Exactly these; those that were there keep their state.
  void set(const std::vector<TopicPartition>& partitions);
  std::set<TopicPartition> assigned() const;
  bool has(const TopicPartition& tp) const { return partitions_.contains(tp); }
  Partition* find(const TopicPartition& tp);
  const Partition* find(const TopicPartition& tp) const;
  const std::map<TopicPartition, Partition>& all() const { return partitions_; }

  // Jumps and pauses; of assigned partitions only.

  void seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch);
  void reset(const TopicPartition& tp, TimestampMs time);
  void pause(const TopicPartition& tp, bool paused);

  // What look-ups found; ignored when the ticket is old.

  void found_committed(const TopicPartition& tp, std::uint64_t ticket,
                       const std::optional<CommittedOffset>& committed);
  void found_reset(const TopicPartition& tp, std::uint64_t ticket, Offset offset,
                   LeaderEpoch epoch);
  /// Where the log of the epoch we read in ends; less than the position: the log was cut.
  void found_epoch_end(const TopicPartition& tp, std::uint64_t ticket, Offset end,
                       LeaderEpoch leader_epoch);
  void failed(const TopicPartition& tp, std::uint64_t ticket, Error error);

  // Fetching.

  bool may_fetch(const Partition& partition, MonoNs now) const;
  /// Nothing more of it is fetched before poll() has taken some.
  bool is_full(const Partition& partition) const;
  std::size_t room() const;
  /// Of a request made with `ticket` for `offset`. Empty parts only bring the ends along.
  void fetched(const TopicPartition& tp, std::uint64_t ticket, Offset offset, FetchedPart part,
               const std::shared_ptr<BatchPool>& pool);
  /// The leader does not have the offset that was asked for.
  void out_of_range(const TopicPartition& tp, std::uint64_t ticket, Offset offset);

  // Handing out, by one thread.

  /// Whether hand_out() would give or report something.
  bool ready() const;
  /// Adds up to `max` records to `out`. An error only when nothing could be added.
  Status hand_out(std::size_t max, BatchStorage& out);
  /// Whether hand_out() made room for more to be fetched, since it was last asked.
  bool take_made_room() { return std::exchange(made_room_, false); }

 private:
  struct Ready {
    std::uint64_t ticket;
    std::unique_ptr<FetchCursor> cursor;
  };

  void start(Partition& partition);
  void jump(Partition& partition);
  void drop(Partition& partition);
  void apply_policy(Partition& partition, const std::string& why);
  const Ready* next_ready() const;
  bool current(const Ready& ready) const;
  void read_from(Ready& ready, std::size_t max, BatchStorage& out);

  const Settings settings_;
  std::map<TopicPartition, Partition> partitions_;
  std::deque<Ready> ready_;
  std::size_t buffered_ = 0;
  std::uint64_t last_ticket_ = 0;
  bool made_room_ = false;
};

}  // namespace horolog::client
