#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "horolog/consumer_options.hpp"
#include "horolog/error.hpp"
#include "horolog/group.hpp"
#include "horolog/record_batch.hpp"

namespace horolog {

namespace client {
class Cluster;
class ConsumerCore;
}

/// Reads records: as a member of a group, or of partitions chosen by hand.
///
///     auto consumer = Consumer::open({.client = {.bootstrap = "localhost:9092"},
///                                     .group = "billing", .topics = {"orders"}});
///     while (running) {
///       auto batch = consumer->poll(500ms);
///       if (!batch) return report(batch.error());
///       for (const RecordView& record : *batch) handle(record);
///     }
///     consumer->close(10s);
///
/// Fetching, heartbeats and commits go on in the background, on the loop of its cluster; poll()
/// hands out what is there. Group members must call poll() at least every max_poll_interval.
///
/// Thread rules: one thread at a time, and not the loop's own. Only wakeup() may be called from any
/// thread at any time.
/// Errors: what a broker answered keeps its kafka_code(); functions with a timeout give
/// Errc::timed_out when it passes.
class Consumer {
 public:
  using Timeout = std::chrono::milliseconds;

  /// Errc::invalid_argument names the option that is wrong. Does not wait for a broker.
  static Result<Consumer> open(ConsumerOptions options);
  /// On connections that others use too.
  static Result<Consumer> open(ConsumerOptions options,
                               std::shared_ptr<client::Cluster> cluster);
  /// Ends abruptly: nothing is committed, and the group notices when the session expires. close()
  /// is the orderly way.
  ~Consumer();
  Consumer(Consumer&&) noexcept;
  Consumer& operator=(Consumer&&) noexcept;

  // What to read. The three ways exclude each other: unsubscribe() before another.

  /// Joins the group (at the next poll()) for these topics; replaces earlier ones.
  Status subscribe(std::vector<std::string> topics, RebalanceListener listener = {});
  /// For all topics, but internal ones, whose whole name matches the ECMAScript regular expression,
  /// also those that are made later (found within metadata_max_age).
  Status subscribe_pattern(const std::string& pattern, RebalanceListener listener = {});
  /// Exactly these partitions, without a group's assignment; those that were there keep position
  /// and buffers. Commits, with a group name, are not fenced.
  Status assign(std::vector<TopicPartition> partitions);
  /// Gives up everything; a member leaves its group (it tells the listener first).
  Status unsubscribe();
  std::set<TopicPartition> assignment() const;
  /// The topics joined for, as far as they are known.
  std::set<std::string> subscription() const;

  // Records.

  /// Waits until there are records, at most `timeout`; an empty batch when it passed or wakeup()
  /// was called. Runs the rebalance listener. An error of one partition (a bad CRC, an offset out
  /// of range without a policy) is given again by each poll() until it is sought past or paused;
  /// the other partitions go on meanwhile. An error with Remedy::reopen ended the membership.
  Result<RecordBatch> poll(Timeout timeout);
  /// Makes the poll() that waits, or the next one, return at once. Any thread.
  void wakeup();

  // Positions. That of a partition is the offset of the next record poll() gives.

  /// Waits until it is known (the committed offset, or by offset_reset).
  Result<Offset> position(const TopicPartition& tp, Timeout timeout);
  /// Takes effect with the next poll(). Errc::invalid_argument: the partition is not assigned.
  Status seek(const TopicPartition& tp, Offset offset);
  Status seek(const TopicPartition& tp, const CommittedOffset& to);
  /// All that are assigned when `partitions` is empty.
  Status seek_to_beginning(const std::vector<TopicPartition>& partitions = {});
  Status seek_to_end(const std::vector<TopicPartition>& partitions = {});
  /// To the first record with this timestamp or a later one, or to the end.
  Status seek_to_time(const std::vector<TopicPartition>& partitions, TimestampMs time,
                      Timeout timeout);
  /// A paused partition keeps its position, and poll() passes it over. A new assignment is never
  /// paused.
  Status pause(const std::vector<TopicPartition>& partitions);
  Status resume(const std::vector<TopicPartition>& partitions);
  std::set<TopicPartition> paused() const;

  // Commits. They reach the coordinator in the order in which they were made.

  /// All positions, and waits. An error with Remedy::retry: a rebalance goes on; poll() first.
  Status commit(Timeout timeout);
  Status commit(const RecordBatch& batch, Timeout timeout = Timeout(60'000));
  Status commit(Offsets offsets, Timeout timeout = Timeout(60'000));
  /// Does not wait. `done` may be missing; then a failure is only in the next commit's outcome.
  void commit_async(Offsets offsets, CommitDone done = {});
  void commit_async(CommitDone done = {});
  /// Of the group; partitions without one are missing in the answer.
  Result<Offsets> committed(const std::vector<TopicPartition>& partitions, Timeout timeout);
  /// Who this consumer is in its group, for a transactional producer's send_offsets (KIP-447).
  GroupMetadata group_metadata() const;

  // Looking around. No assignment is needed.

  Result<std::map<TopicPartition, Offset>> beginning_offsets(
      const std::vector<TopicPartition>& partitions, Timeout timeout);
  /// With read_committed the last stable offset (the first offset of the oldest open transaction,
  /// if one is open), else the high watermark. `isolation`: that of the options when not given.
  Result<std::map<TopicPartition, Offset>> end_offsets(
      const std::vector<TopicPartition>& partitions, Timeout timeout,
      std::optional<Isolation> isolation = std::nullopt);
  /// The first record with the given timestamp or a later one; missing when there is none.
  Result<std::map<TopicPartition, OffsetAtTime>> offsets_for_times(
      const std::map<TopicPartition, TimestampMs>& times, Timeout timeout);
  /// Number of partitions. Errc::not_found when the topic does not exist.
  Result<PartitionIndex> partitions_for(const std::string& topic, Timeout timeout);
  /// How many offsets lie between the position and the end, as of the last fetch; nullopt before
  /// the first one.
  std::optional<std::int64_t> lag(const TopicPartition& tp) const;

  /// Commits (with auto_commit), tells the listener, leaves the group. Afterwards every other
  /// function gives Errc::closed. The error is that of the last commit.
  Status close(Timeout timeout);

 private:
  explicit Consumer(std::shared_ptr<client::ConsumerCore> core);
  std::shared_ptr<client::ConsumerCore> core_;
};

}  // namespace horolog
