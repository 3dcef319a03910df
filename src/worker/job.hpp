#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "horolog/record_batch.hpp"
#include "horolog/task.hpp"
#include "worker/after_attempt.hpp"
#include "worker/completed_offsets.hpp"
#include "worker/ready_queue.hpp"

namespace horolog::worker {

struct Job;
using JobPtr = std::shared_ptr<Job>;

/// One partition as long as it is ours; another assignment of it is another object. Everything here
/// belongs to the board's lock.
struct Assignment {
  /// Tasks below `watch_end` start only after that was written down; 0: none.
  Assignment(TopicPartition its, CompletedOffsets done_before, Offset watch_end = 0)
      : tp(std::move(its)), done(std::move(done_before)), seen(done.next()) {
    watch.end = watch_end;
  }

  TopicPartition tp;
  /// As it was committed last; what has started since is counted in it.
  CompletedOffsets done;
  Offset seen;  ///< the next offset to come from the log
  /// Started, and neither committed nor given up.
  std::size_t unsettled = 0;
  /// Nothing starts any more: it is about to be handed over.
  bool closing = false;
  /// It has gone: nothing of it may be committed.
  bool lost = false;
  /// Chosen to start, and waiting for room in the metadata; oldest first.
  std::deque<JobPtr> held;
  /// The board looks at `held` again, since something of it was settled.
  bool unheld = false;

  /// Of tasks that lay here before: one of them may have killed whoever had the partition.
  struct Watch {
    Offset end = 0;
    bool bounded = false;  ///< `end` is within what whoever had the partition may have reached
    /// Not in the queue yet; in order.
    std::deque<JobPtr> waiting;
    Offset wanted = 0;  ///< up to there it is to be written down that they may start
    std::size_t admitted = 0;  ///< under suspicion, in the queue, and not over
    /// What was written down is to be taken back: the partition is handed over in order.
    bool leaving = false;
    bool left = false;
  };
  Watch watch;
};
using AssignmentPtr = std::shared_ptr<Assignment>;

/// One attempt at a task, from its fetch to its commit. The fields above the line do not change
/// after it was made; those below belong to the board's lock.
struct Job {
  std::shared_ptr<const RecordBatch> batch;
  const RecordView* record = nullptr;
  TaskFields fields;
  std::int64_t max_attempts = 1;
  const Handler* handler = nullptr;
  AssignmentPtr assignment;
  Waiting waiting;
  /// Read by the handler without the lock.
  std::atomic<bool> cancelled = false;
  /// 0: none. Written before the handler starts.
  MonoNs deadline_ns = 0;
  // ---
  TimestampMs started_ms = no_timestamp;
  MonoNs started_ns = 0;
  bool announced = false;
  bool suspected = false;  ///< it counts in its assignment's watch
  /// Its schedule wants it to stop; since when, for the grace.
  MonoNs stop_asked_ns = 0;
  /// Its result is settled without it: what the handler returns is dropped.
  bool given_up = false;
};

/// An attempt that is over and waits for its transaction.
struct Finished {
  JobPtr job;
  Verdict verdict;
  TimestampMs ended_ms = no_timestamp;
  std::int64_t duration_us = 0;
  /// The dead-letter topic did not take it: not before that time again.
  MonoNs not_before = 0;
  /// The payload is larger than the dead-letter topic takes: it stays where it was.
  bool without_payload = false;
};

}  // namespace horolog::worker
