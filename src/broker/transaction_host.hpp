#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/coordinator_batches.hpp"
#include "broker/coordinator_host.hpp"
#include "broker/transaction_metrics.hpp"
#include "coordinator/transaction_coordinator.hpp"
#include "net/deadline.hpp"

namespace horolog::broker {

class MarkerGroup;

/// What is peculiar to the hosts of transaction coordinators.
struct TransactionKind {
  using Machine = coordinator::TransactionCoordinator;
  using Effects = coordinator::TransactionEffects;
  using Response = coordinator::TransactionResponse;
  static constexpr std::string_view area = "transactions";
  static constexpr std::string_view topic = "__transaction_state";
  static constexpr storage::SnapshotFile snapshot_file = storage::transaction_snapshot;

  static std::unique_ptr<Machine> make(const BrokerConfig& config);
  static void configure(Machine& machine, const BrokerConfig& config);
  static Replay replay(Machine& machine);
  static Effects on_loaded(Machine& machine, const storage::PartitionLog& log,
                           coordinator::Now now);
  static std::size_t size(const Machine& machine);
  static std::vector<storage::StoredRecord> records(const Machine& machine);
  static std::optional<RecordsTransaction> transaction_of(const Effects& effects);
  static Effects settle(Machine& machine, wire::ErrorCode outcome, coordinator::Now now);
};

extern template class CoordinatorHost<TransactionKind>;

/// The shell of one transaction coordinator: beside what every shell does, it makes the partitions
/// of a transaction durable, writes markers until they are durable, and supplies producer ids.
class TransactionHost final : public CoordinatorHost<TransactionKind> {
 public:
  using Kind = TransactionKind;

  /// `settled` runs on the shard when the coordinator has been loaded, or cannot be.
  TransactionHost(Context& context, storage::FileSystem& fs, net::Shard& shard,
                  std::shared_ptr<Partition> partition, TransactionMetrics& metrics,
                  std::function<void()> settled);

  /// Whether this coordinator may yet end such a transaction; true also while it does not know.
  bool may_be_open(ProducerId producer_id, ProducerEpoch epoch,
                   const TopicPartition& partition) const;
  /// Transactions by state, for /metrics.
  void count(TransactionCounts& counts) const;

 private:
  struct MarkerLeft {
    std::uint64_t life;
    coordinator::TransactionTicket ticket;
    storage::TransactionMarker marker;
    TopicPartition partition;
  };

  void perform(coordinator::TransactionEffects& effects) override;
  void settled() override;
  void make_durable(const coordinator::MakeDurable& wanted);
  void send_markers(const coordinator::SendMarkers& wanted);
  void send_marker(const MarkerLeft& left, const std::shared_ptr<MarkerGroup>& together);
  void marker_answered(const MarkerLeft& left, wire::ErrorCode error);
  void retry_markers();
  void supply_producer_ids(std::size_t wanted);
  void give_producer_ids(std::uint64_t life, std::vector<ProducerId> ids);

  std::shared_ptr<TransactionHost> self();

  TransactionMetrics& metrics_;
  std::function<void()> settled_;
  net::Deadline retry_timer_;
  std::vector<MarkerLeft> retries_;
};

}  // namespace horolog::broker
