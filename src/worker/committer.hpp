#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "horolog/admin.hpp"
#include "horolog/producer.hpp"
#include "scheduler/records.hpp"
#include "worker/board.hpp"

namespace horolog::worker {

/// Writes what is over: takes claims from the board and makes each a transaction of run records,
/// retries, dead letters and, last, the group's offsets. A claim is reported committed only when
/// that is known. One thread runs it.
class Committer {
 public:
  struct Setup {
    std::string worker;
    std::string group;
    /// Of horolog.runs and horolog.schedules.
    std::int32_t partitions = 1;
    std::chrono::milliseconds patience{5'000};  ///< for one step of a transaction
  };
  Committer(Setup setup, Producer producer, Admin admin, Board& board);

  /// Fences nothing but itself: the transactional id is this worker's alone.
  Status prepare();
  /// Until the board has nothing left and stops. After give_up() what is left is dropped.
  void run();
  /// Any thread: failing transactions are not tried again.
  void give_up() { given_up_ = true; }
  /// After run().
  void close();

 private:
  struct Sends;
  enum class End : std::uint8_t { committed, not_committed };

  End transact(Claim& claim);
  Status write(const Claim& claim, Sends& sends);
  Status send(Sends& sends, std::size_t index, std::string_view topic, PartitionIndex partition,
              const scheduler::OutRecord& record);
  Status send_finished(const Finished& finished, std::size_t index, Sends& sends);
  PartitionIndex home_of(const TaskFields& fields) const;
  AttemptFacts facts_of(const Finished& finished) const;
  /// Back to where a transaction can begin.
  Status recover();
  /// Whether the group has what the claim wanted to commit.
  Result<bool> has_offsets(const Claim& claim);
  void learn_from(Claim& claim, const Sends& sends);
  void pause(int failures);

  const Setup setup_;
  Producer producer_;
  Admin admin_;
  Board& board_;
  std::atomic<bool> given_up_ = false;
};

}  // namespace horolog::worker
