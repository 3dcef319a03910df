#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cluster.hpp"
#include "scheduler/partition_port.hpp"
#include "scheduler/nudge.hpp"
#include "scheduler/topic_watch.hpp"
#include "scheduler/transaction_batches.hpp"

namespace horolog::scheduler {

class TargetTable;

/// A partition of a cluster that speaks Kafka's protocol. Its transactions are those of the second
/// version of the protocol where the cluster has finalized it (KIP-890: writing registers a
/// partition, each end raises the epoch, so that nothing late reaches the next one), else of the
/// first.
/// Calls block; one thread at a time, not the cluster's loop.
class KafkaPort final : public PartitionPort {
 public:
  struct Settings {
    std::string group;
    PartitionIndex partition = 0;
    std::int32_t transaction_timeout_ms = 10'000;
    /// Told at each step boundary of a transaction; tests stop a process there.
    std::function<void(std::string_view step)> crossed{};
    /// Given when records have come to a watched topic.
    std::shared_ptr<Nudge> nudge{};
  };
  KafkaPort(std::shared_ptr<client::Cluster> cluster, TargetTable& targets, Settings settings,
            const Clock& clock);

  Status init_producer() override;
  Result<TopicIdentity> topics() override;
  Result<Committed> committed() override;
  Result<Offset> log_end(Feed feed) override { return list(feed, latest, false); }
  Result<Offset> stable_end(Feed feed) override { return list(feed, latest, true); }
  Result<Offset> log_start(Feed feed) override { return list(feed, earliest, false); }
  Result<Batch> read(Feed feed, Offset from, int wait_ms) override;
  WatchedTopics* watched_topics() override { return &watch_; }
  /// Nothing is watched any more.
  void stop() { watch_.stop(); }
  Written write(const Transaction& transaction, const Membership& membership) override;

 private:
  static constexpr std::int64_t latest = -1, earliest = -2;
  using Kind = Written::Kind;

  Result<Offset> list(Feed feed, std::int64_t what, bool committed);
  TopicPartition place(Feed feed) const;
  std::optional<Written> add_partitions(const BatchPlan& plan);
  std::optional<Written> produce(const BatchPlan& plan);
  std::optional<Written> produce_round(const BatchPlan& plan, std::size_t round);
  struct Sent;
  void send(std::vector<Sent>& all);
  std::optional<Written> read_answers(std::vector<Sent>& all, wire::ErrorCode& again);
  Written refused(const TopicPartition& at, wire::ErrorCode code,
                  const std::optional<std::string>& text);
  wire::TxnOffsetCommitRequest position(Offset offset, const Membership& membership) const;
  void leave_out_metadata();
  std::optional<Written> commit_offset(Offset offset, const Membership& membership);
  Written end(bool commit);
  void go_on_as(ProducerId id, ProducerEpoch epoch);
  void crossed(std::string_view step) const {
    if (settings_.crossed) settings_.crossed(step);
  }
  Written aborted(Written why);

  std::shared_ptr<client::Cluster> cluster_;
  TargetTable& targets_;
  const Settings settings_;
  const Clock& clock_;
  const std::string transactional_id_;
  TopicWatch watch_;
  client::Lane lane_ = client::shared_lane;
  /// Goes with each position that is committed, unless the cluster takes no text of that length.
  std::string metadata_;
  bool metadata_fits_ = true;
  ProducerId producer_id_ = no_producer_id;
  ProducerEpoch epoch_ = -1;
  bool second_ = false;  ///< this transaction is one of the second protocol
  /// Behind the last record that was written to the state.
  Offset state_next_ = 0;
  /// The next sequence of each partition in this epoch.
  std::map<TopicPartition, std::int32_t> sequences_;
};

}  // namespace horolog::scheduler
