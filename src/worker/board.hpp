#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "horolog/group.hpp"
#include "horolog/worker.hpp"
#include "worker/concurrency_limit.hpp"
#include "worker/controls.hpp"
#include "worker/job.hpp"

namespace horolog::worker {

/// What one transaction is to write: attempts that are over, and starts to be announced.
struct Claim {
  std::vector<Finished> finished;
  std::vector<JobPtr> announced;
  /// Partitions of which something changes besides.
  std::vector<AssignmentPtr> noted;
  /// Per partition what is to be committed.
  std::vector<std::pair<AssignmentPtr, CompletedOffsets>> offsets;
  /// Tasks that are over or never came, and whose cancels are to be removed.
  std::vector<std::string> uncancelled;
  GroupMetadata group;
};

/// Whether it writes down which tasks it may have started: WorkerOptions::max_deaths.
bool counts_deaths(const WorkerOptions& options);
/// What of the metadata is for ends.
std::size_t room_for_ends(const WorkerOptions& options);

/// Where the threads of a worker meet: the loop brings records and assignments, the pool takes
/// tasks, the committer takes what is over. Every function may be called on any thread; those that
/// wait say so.
class Board {
 public:
  Board(const WorkerOptions& options, const std::map<std::string, Handler>& handlers,
        const Clock& clock);
  ~Board();

  // The loop.

  void assign(AssignmentPtr assignment);
  /// Nothing of these starts any more, and waiting tasks of theirs are dropped.
  void close(const std::vector<TopicPartition>& partitions);
  /// No attempt of these is under way or waits for its commit.
  bool settled(const std::vector<TopicPartition>& partitions);
  /// Has written down that these are handed over in order: that they have not ended here is no
  /// worker's death. Wait for left().
  void leave(const std::vector<TopicPartition>& partitions);
  void leave_all();
  bool left(const std::vector<TopicPartition>& partitions);
  /// They are gone: handlers are cancelled, nothing is committed.
  void lose(const std::vector<TopicPartition>& partitions);
  void set_group(GroupMetadata group);
  /// What is paused or cancelled from now on. Tasks of topics that are resumed may start.
  void set_controls(Controls controls);
  void take_in(std::shared_ptr<const RecordBatch> batch);
  /// Cancels and gives up attempts whose time is over, and finds those to be announced, and
  /// cancels of tasks that never came.
  void sweep();
  /// Without those whose topic is paused.
  std::size_t waiting();
  /// When the oldest of the attempts started that a schedule may ask to stop: those that run for
  /// long. nullopt without one.
  std::optional<TimestampMs> oldest_stoppable();
  /// Cancels the attempt of that fire, if it runs here.
  void ask_to_stop(const std::string& fire_id);
  /// Waits until something is settled, at most `timeout`.
  void wait_settled(std::chrono::milliseconds timeout);

  // Stopping.

  /// Nothing starts any more; threads in next() come back with nothing.
  void stop_starting();
  /// All handlers are cancelled: failures that follow are not recorded.
  void cancel_all();
  /// Nothing is under way. Also true when only handlers that were given up still run.
  bool idle();
  std::size_t running();
  /// claim() comes back with nothing once there is nothing left.
  void stop_committing();

  // The pool.

  /// Waits for a task that may start; null after stop_starting().
  JobPtr next();
  void finish(const JobPtr& job, const Outcome& outcome);

  // The committer.

  /// Waits for something to commit; nullopt after stop_committing().
  std::optional<Claim> claim();
  void committed(const Claim& claim);
  /// It was not: everything comes back in a later claim(), unless its partition is lost.
  void not_committed(Claim claim);

  WorkerMetrics metrics();
  /// From a record's timestamp to the commit of its attempt, and in the handler.
  struct Timings {
    Histogram processing, execution;
  };
  const Timings& timings() const { return timings_; }

 private:
  static constexpr std::size_t most_per_claim = 2'000;
  /// So many attempts may be over and wait for the transaction under way: then nothing starts, and
  /// what a killed worker has to do again is bounded.
  static constexpr std::size_t most_unclaimed = 2 * most_per_claim;
  using Lock = std::unique_lock<std::mutex>;

  JobPtr start_one(TimestampMs now_ms, MonoNs now);
  /// False: held, or decided without a start.
  bool start(const JobPtr& job, TimestampMs now_ms, MonoNs now);
  /// As start(), of one that has its room.
  bool begin(const JobPtr& job, TimestampMs now_ms, MonoNs now);
  JobPtr from_held(TimestampMs now_ms, MonoNs now);
  void drop_waiting(const JobPtr& job);
  void drop_parked(const Assignment& assignment);
  void park(const JobPtr& job);
  void put_finished(Finished finished);
  void give_up(const JobPtr& job, std::string reason);
  Verdict verdict_of(const JobPtr& job, const Outcome& outcome);
  void settle(const JobPtr& job, bool complete);
  std::uint64_t key_of(const RecordView& record) const;

  // board_watch.cpp

  /// Lets tasks into the queue that may start, or asks for what must be written down before.
  void admit(const AssignmentPtr& its);
  void admit_all();
  bool may_admit(const AssignmentPtr& its, std::size_t deaths) const;
  void want_starts(const AssignmentPtr& its, std::size_t deaths);
  void leave_one(const AssignmentPtr& its);
  void note(const AssignmentPtr& its);
  void take_notes(const Claim& claim);
  void unsuspect(Job& job);
  void drop_watched(Assignment& assignment);

  const WorkerOptions& options_;
  const std::map<std::string, Handler>& handlers_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable start_, commit_, settled_;
  ReadyQueue queue_;
  std::map<TopicPartition, AssignmentPtr> assignments_;
  std::unordered_map<JobId, JobPtr> waiting_;
  std::unordered_map<JobId, JobPtr> running_;
  Controls controls_;
  /// Chosen to start, and of a paused topic; oldest first. The queue does not know of them.
  std::map<std::string, std::deque<JobPtr>, std::less<>> parked_;
  ConcurrencyLimit limit_;
  std::vector<AssignmentPtr> unheld_;  ///< with held tasks that may have room now
  std::deque<Finished> finished_;
  std::deque<Finished> put_off_;  ///< their dead-letter topic did not take them
  std::vector<JobPtr> announced_;
  std::vector<std::string> stale_cancels_;  ///< to be taken back along with something else
  MonoNs cancels_looked_at_ns_ = 0;         ///< 0: never
  std::vector<AssignmentPtr> noted_;  ///< to be committed although no task of theirs is over
  AssignmentPtr alone_;  ///< has a task that may have killed several workers: the only such one
  GroupMetadata group_;
  std::mt19937_64 random_{std::random_device{}()};
  JobId next_id_ = 1;
  bool starting_ = true;
  bool committing_ = true;
  bool shutdown_ = false;
  WorkerMetrics counts_;
  Timings timings_;
};

}  // namespace horolog::worker
