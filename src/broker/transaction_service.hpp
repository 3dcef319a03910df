#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator_topic.hpp"
#include "broker/transaction_host.hpp"
#include "broker/transaction_metrics.hpp"
#include "broker/transaction_orphans.hpp"

namespace horolog::broker {

inline constexpr std::string_view transactions_topic = TransactionKind::topic;

extern template class CoordinatorTopic<TransactionHost>;

/// What a coordinator says to the first batch of a producer in some partitions.
struct Authorization {
  std::vector<wire::ErrorCode> errors;  ///< one per partition asked for
  /// Nobody may be told that the batch is accepted before this log is durable up to `end`. Null
  /// when the coordinator could not be asked.
  std::shared_ptr<Partition> log;
  Offset end = 0;
};

/// The transactions of this broker: one coordinator per partition of __transaction_state.
class TransactionService : public CoordinatorTopic<TransactionHost> {
 public:
  /// Loads what is there, without waiting for it, and then ends what no coordinator knows
  /// (transaction_orphans.hpp). After GroupService::start().
  void start(Context& context);

  /// Whether a batch may open a transaction: not before start() has ended the orphans, among which
  /// could be the batch's own first attempt.
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  /// Asks whether the producer's transaction comprises the partitions, or (`add`) adds them to it,
  /// as Produce 12 and TxnOffsetCommit 5 do. `done` runs on the coordinator's shard, as soon as the
  /// decision stands in the log, durable or not.
  void authorize(const coordinator::TransactionalProducer& producer,
                 std::vector<TopicPartition> partitions, bool add, coordinator::Caller caller,
                 std::function<void(Authorization)> done);

  TransactionMetrics& metrics() { return metrics_; }
  /// Transactional ids by state; `done` runs once, on one of the shards, or here.
  void count(std::function<void(TransactionCounts)> done);

 private:
  std::shared_ptr<TransactionHost> make_host(storage::FileSystem& fs, net::Shard& shard,
                                             std::shared_ptr<Partition> partition) override;
  storage::TopicInfo topic_info(const BrokerConfig& config) const override;
  void host_settled();

  TransactionMetrics metrics_;
  std::atomic<bool> ready_{false};
  /// Coordinators that are still loading at start. One of a topic made later has nothing to load.
  std::atomic<std::size_t> unsettled_{0};
  bool starting_ = false;
};

}  // namespace horolog::broker
