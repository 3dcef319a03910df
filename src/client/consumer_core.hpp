#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/consumer_loop.hpp"
#include "client/consumer_shared.hpp"
#include "client/offsets_lookup.hpp"
#include "horolog/consumer.hpp"

namespace horolog::client {

/// The half of a consumer that works on the application's thread; what horolog::Consumer forwards
/// to, and where its functions are documented.
class ConsumerCore {
 public:
  using Timeout = std::chrono::milliseconds;

  /// `own`: the cluster is closed with the consumer.
  static Result<std::shared_ptr<ConsumerCore>> make(ConsumerOptions options,
                                                    std::shared_ptr<Cluster> cluster, bool own);
  ConsumerCore(std::shared_ptr<ConsumerShared> shared, bool own);
  ~ConsumerCore();
  ConsumerCore(const ConsumerCore&) = delete;
  ConsumerCore& operator=(const ConsumerCore&) = delete;

  // consumer_core.cpp
  Status subscribe(std::set<std::string> topics, RebalanceListener listener);
  Status subscribe_pattern(const std::string& pattern, RebalanceListener listener);
  Status assign(const std::vector<TopicPartition>& partitions);
  std::set<TopicPartition> assignment() const;
  std::set<std::string> subscription() const;
  Result<Offset> position(const TopicPartition& tp, Timeout timeout);
  Status seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch);
  Status reset(std::vector<TopicPartition> partitions, TimestampMs time);
  Status pause(const std::vector<TopicPartition>& partitions, bool paused);
  std::set<TopicPartition> paused() const;
  std::optional<std::int64_t> lag(const TopicPartition& tp) const;
  GroupMetadata group_metadata() const;

  // consumer_poll.cpp
  Result<RecordBatch> poll(Timeout timeout);
  void wakeup();
  Status unsubscribe();
  Status close(Timeout timeout);

  // consumer_queries.cpp
  Status commit(std::optional<Offsets> offsets, Timeout timeout);
  void commit_async(std::optional<Offsets> offsets, CommitDone done);
  Result<Offsets> committed(const std::vector<TopicPartition>& partitions, Timeout timeout);
  Result<FoundOffsets> offsets_for(std::map<TopicPartition, TimestampMs> times,
                                   std::optional<Isolation> isolation, Timeout timeout);
  Result<PartitionIndex> partitions_for(const std::string& topic, Timeout timeout);

 private:
  /// Has the loop look at what is wanted now.
  void kick();
  Status check_open() const;
  /// Runs `start` on the loop and waits for what it gives.
  template <typename T>
  Result<T> wait_for(std::function<void(std::function<void(Result<T>)>)> start);
  Status check_assigned(const std::vector<TopicPartition>& partitions) const;
  Status check_free(bool for_group) const;
  void handle_events();
  void handle(const RebalanceEvent& event);
  void call_told();
  bool something_to_do() const;
  void commit_if_due();
  Offsets positions() const;
  Status auto_commit_now(Timeout timeout);

  const std::shared_ptr<ConsumerShared> shared_;
  std::shared_ptr<ConsumerLoop> loop_side_;
  const bool own_;
  // Of the application's thread.
  RebalanceListener listener_;
  bool subscribed_ = false;
  bool assigned_ = false;
  MonoNs next_auto_commit_ = 0;
  Offsets last_auto_commit_;
};

template <typename T>
Result<T> ConsumerCore::wait_for(std::function<void(std::function<void(Result<T>)>)> start) {
  const auto promise = std::make_shared<std::promise<Result<T>>>();
  auto answer = promise->get_future();
  shared_->cluster->loop().post([start = std::move(start), promise] {
    start([promise](Result<T> result) { promise->set_value(std::move(result)); });
  });
  return answer.get();
}

}  // namespace horolog::client
