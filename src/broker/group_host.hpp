#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/coordinator_batches.hpp"
#include "broker/coordinator_host.hpp"
#include "coordinator/coordinator.hpp"

namespace horolog::broker {

/// What is peculiar to the hosts of group coordinators.
struct GroupKind {
  using Machine = coordinator::Coordinator;
  using Effects = coordinator::Effects;
  using Response = coordinator::Response;
  static constexpr std::string_view area = "groups";
  static constexpr std::string_view topic = "__consumer_offsets";
  static constexpr storage::SnapshotFile snapshot_file = storage::group_snapshot;

  static std::unique_ptr<Machine> make(const BrokerConfig& config);
  static void configure(Machine& machine, const BrokerConfig& config);
  static Replay replay(Machine& machine);
  static Effects on_loaded(Machine& machine, const storage::PartitionLog& log,
                           coordinator::Now now);
  static std::size_t size(const Machine& machine);
  static std::vector<storage::StoredRecord> records(const Machine& machine);
  static std::optional<RecordsTransaction> transaction_of(const Effects& effects);
  /// After the append of records in a producer's transaction.
  static Effects settle(Machine& machine, wire::ErrorCode outcome, coordinator::Now now);
};

extern template class CoordinatorHost<GroupKind>;

using GroupInput = CoordinatorHost<GroupKind>::Input;
using GroupAnswer = CoordinatorHost<GroupKind>::Answer;

/// A committed offset as /metrics shows it.
struct CommittedOffset {
  std::string group;
  std::string topic;
  PartitionIndex partition = 0;
  Offset offset = 0;
};

/// The shell of one group coordinator.
class GroupHost final : public CoordinatorHost<GroupKind> {
 public:
  using Kind = GroupKind;
  using CoordinatorHost::CoordinatorHost;

  void on_topic_deleted(const std::string& topic);
  void collect(std::vector<CommittedOffset>& out) const;
  /// As call(), for an input that commits offsets in a producer's transaction: `token` says that
  /// the transaction comprises this partition; nullopt when it is open here.
  void call_in_transaction(coordinator::Caller caller, const Input& input,
                           std::optional<storage::VerificationToken> token, Answer answer);
  /// Ends the producer's transaction in this partition: its offset commits count, or are dropped.
  /// `done` runs once on `shard`, through a post, when the marker is durable; errors as of
  /// write_marker() (transaction_markers.hpp), whose group asks for the sync if it is in one.
  void write_marker(const storage::TransactionMarker& marker, net::Shard& shard,
                    std::function<void(wire::ErrorCode)> done, bool in_group);
};

}  // namespace horolog::broker
