#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "horolog/consumer.hpp"
#include "horolog/error.hpp"
#include "horolog/record.hpp"

namespace horolog::client {

class Cluster;

/// Reads partitions with read_committed, without a group. Blocks; one thread at a time, and not the
/// loop's own.
class CommittedReader {
 public:
  /// Where to begin in each partition; no_offset, or an offset that has been deleted: at its start.
  using From = std::map<TopicPartition, Offset>;
  using Each = std::function<void(const RecordView&)>;

  /// `fetch_wait`: how long a broker holds a request while there is nothing new.
  static Result<CommittedReader> open(const std::shared_ptr<Cluster>& cluster, const From& from,
                                      std::chrono::milliseconds fetch_wait =
                                          std::chrono::milliseconds(50));

  /// Hands out what comes within about `wait`; may be nothing.
  Status poll(std::chrono::milliseconds wait, const Each& each);
  /// Makes the poll() that waits, or the next one, return at once. Any thread.
  void wakeup() { consumer_.wakeup(); }
  /// The next offset that will be read.
  Result<Offset> position(const TopicPartition& place) {
    return consumer_.position(place, patience_);
  }
  /// Hands out everything up to the ends as they are now: the last stable offsets, or with
  /// `and_open` the ends of what is written, for which open transactions have to end.
  /// Errc::timed_out when nothing comes for the client's request timeout, or at `deadline`.
  Status read_to_end(const Each& each, bool and_open = false,
                     std::chrono::steady_clock::time_point deadline =
                         std::chrono::steady_clock::time_point::max());

 private:
  CommittedReader(Consumer consumer, std::vector<TopicPartition> partitions,
                  std::chrono::milliseconds patience)
      : consumer_(std::move(consumer)), partitions_(std::move(partitions)), patience_(patience) {}
  Result<bool> reached(const std::map<TopicPartition, Offset>& ends);

  Consumer consumer_;
  std::vector<TopicPartition> partitions_;
  std::chrono::milliseconds patience_;
};

/// How many partitions a topic has. Errc::not_found when it does not exist.
Result<PartitionIndex> count_partitions(const std::shared_ptr<Cluster>& cluster,
                                        const std::string& topic);
/// The last stable offset of each.
Result<std::map<TopicPartition, Offset>> stable_ends(const std::shared_ptr<Cluster>& cluster,
                                                     const std::vector<TopicPartition>& places);
/// The first record at or after `time` in each; partitions without one are missing.
Result<std::map<TopicPartition, Offset>> offsets_at(const std::shared_ptr<Cluster>& cluster,
                                                    const std::vector<TopicPartition>& places,
                                                    TimestampMs time);

}  // namespace horolog::client
