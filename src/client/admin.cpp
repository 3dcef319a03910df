#include "horolog/admin.hpp"

#include "client/admin_calls.hpp"

namespace horolog {

using client::wait_for;

Result<Admin> Admin::open(ClientOptions options) {
  HOROLOG_ASSIGN(auto cluster, client::Cluster::open(std::move(options)));
  Admin admin(std::move(cluster));
  admin.owns_cluster_ = true;
  return admin;
}

Admin::Admin(std::shared_ptr<client::Cluster> cluster) : cluster_(std::move(cluster)) {}

Admin::Admin(Admin&&) noexcept = default;

Admin& Admin::operator=(Admin&& other) noexcept {
  if (this != &other) {
    if (cluster_ && owns_cluster_) cluster_->close();
    cluster_ = std::move(other.cluster_);
    owns_cluster_ = other.owns_cluster_;
  }
  return *this;
}

Admin::~Admin() {
  if (cluster_ && owns_cluster_) cluster_->close();
}

Result<ClusterDescription> Admin::describe_cluster() {
  return wait_for<ClusterDescription>(*cluster_, [&](auto then) { describe_cluster(then); });
}

Result<std::vector<TopicDescription>> Admin::list_topics() {
  return wait_for<std::vector<TopicDescription>>(*cluster_,
                                                 [&](auto then) { list_topics(then); });
}

Result<Admin::Topics> Admin::describe_topics(std::vector<std::string> names) {
  return wait_for<Topics>(*cluster_,
                          [&](auto then) { describe_topics(std::move(names), then); });
}

Result<Admin::CreatedTopics> Admin::create_topics(std::vector<NewTopic> topics,
                                                  bool validate_only) {
  return wait_for<CreatedTopics>(
      *cluster_, [&](auto then) { create_topics(std::move(topics), validate_only, then); });
}

Result<Admin::Names> Admin::delete_topics(std::vector<std::string> names) {
  return wait_for<Names>(*cluster_, [&](auto then) { delete_topics(std::move(names), then); });
}

Result<Admin::Names> Admin::create_partitions(std::vector<NewPartitions> topics,
                                              bool validate_only) {
  return wait_for<Names>(
      *cluster_, [&](auto then) { create_partitions(std::move(topics), validate_only, then); });
}

Result<Admin::LowWatermarks> Admin::delete_records(std::vector<RecordsToDelete> records) {
  return wait_for<LowWatermarks>(*cluster_,
                                 [&](auto then) { delete_records(std::move(records), then); });
}

Result<Admin::Configs> Admin::describe_configs(std::vector<ConfigResource> resources,
                                               bool documentation) {
  return wait_for<Configs>(
      *cluster_, [&](auto then) { describe_configs(std::move(resources), documentation, then); });
}

Result<Admin::Altered> Admin::alter_configs(std::vector<ConfigChange> changes,
                                            bool validate_only) {
  return wait_for<Altered>(
      *cluster_, [&](auto then) { alter_configs(std::move(changes), validate_only, then); });
}

Result<Admin::Groups> Admin::list_groups(std::vector<std::string> states) {
  return wait_for<Groups>(*cluster_, [&](auto then) { list_groups(std::move(states), then); });
}

Result<Admin::GroupDescriptions> Admin::describe_groups(std::vector<std::string> ids) {
  return wait_for<GroupDescriptions>(*cluster_,
                                     [&](auto then) { describe_groups(std::move(ids), then); });
}

Result<Admin::Names> Admin::delete_groups(std::vector<std::string> ids) {
  return wait_for<Names>(*cluster_, [&](auto then) { delete_groups(std::move(ids), then); });
}

Result<Admin::GroupOffsets> Admin::list_group_offsets(std::vector<std::string> groups,
                                                      bool require_stable) {
  return wait_for<GroupOffsets>(*cluster_, [&](auto then) {
    list_group_offsets(std::move(groups), require_stable, then);
  });
}

Result<Admin::Partitions> Admin::alter_group_offsets(std::string group,
                                                     std::vector<OffsetToCommit> offsets) {
  return wait_for<Partitions>(*cluster_, [&](auto then) {
    alter_group_offsets(std::move(group), std::move(offsets), then);
  });
}

Result<Admin::Partitions> Admin::delete_group_offsets(std::string group,
                                                      std::vector<TopicPartition> partitions) {
  return wait_for<Partitions>(*cluster_, [&](auto then) {
    delete_group_offsets(std::move(group), std::move(partitions), then);
  });
}

Result<Admin::Names> Admin::remove_members(std::string group, std::vector<MemberToRemove> members,
                                           std::string reason) {
  return wait_for<Names>(*cluster_, [&](auto then) {
    remove_members(std::move(group), std::move(members), std::move(reason), then);
  });
}

Result<Admin::ListedOffsets> Admin::list_offsets(std::vector<OffsetQuery> queries,
                                                 Isolation isolation) {
  return wait_for<ListedOffsets>(
      *cluster_, [&](auto then) { list_offsets(std::move(queries), isolation, then); });
}

Result<Admin::LogDirectories> Admin::describe_log_dirs() {
  return wait_for<LogDirectories>(*cluster_, [&](auto then) { describe_log_dirs(then); });
}

Result<Admin::Transactions> Admin::list_transactions(std::vector<std::string> states,
                                                     std::vector<ProducerId> producers) {
  return wait_for<Transactions>(*cluster_, [&](auto then) {
    list_transactions(std::move(states), std::move(producers), then);
  });
}

Result<Admin::TransactionDescriptions> Admin::describe_transactions(
    std::vector<std::string> ids) {
  return wait_for<TransactionDescriptions>(
      *cluster_, [&](auto then) { describe_transactions(std::move(ids), then); });
}

Result<Admin::Producers> Admin::describe_producers(std::vector<TopicPartition> partitions) {
  return wait_for<Producers>(
      *cluster_, [&](auto then) { describe_producers(std::move(partitions), then); });
}

namespace client {

bool admin_retries(wire::ErrorCode code) {
  using enum wire::ErrorCode;
  switch (code) {
    case not_controller:
    case not_leader_or_follower:
    case leader_not_available:
    case replica_not_available:
    case fenced_leader_epoch:
    case unknown_leader_epoch:
    case offset_not_available:
    case coordinator_load_in_progress:
    case coordinator_not_available:
    case not_coordinator:
    case unstable_offset_commit:
    case throttling_quota_exceeded: return true;
    default: return false;
  }
}

}  // namespace client
}  // namespace horolog
