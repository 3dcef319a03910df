#include "protocol/api_table.hpp"

#include <algorithm>
#include <array>

#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/alter_replica_log_dirs.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/create_acls.hpp"
#include "protocol/messages/create_delegation_token.hpp"
#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_acls.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_acls.hpp"
#include "protocol/messages/describe_client_quotas.hpp"
#include "protocol/messages/describe_cluster.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/describe_delegation_token.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/describe_log_dirs.hpp"
#include "protocol/messages/describe_producers.hpp"
#include "protocol/messages/describe_quorum.hpp"
#include "protocol/messages/describe_topic_partitions.hpp"
#include "protocol/messages/describe_transactions.hpp"
#include "protocol/messages/describe_user_scram_credentials.hpp"
#include "protocol/messages/elect_leaders.hpp"
#include "protocol/messages/end_txn.hpp"
#include "protocol/messages/expire_delegation_token.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_config_resources.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/list_partition_reassignments.hpp"
#include "protocol/messages/list_transactions.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/renew_delegation_token.hpp"
#include "protocol/messages/sync_group.hpp"
#include "protocol/messages/txn_offset_commit.hpp"
#include "protocol/messages/update_features.hpp"
#include "protocol/messages/write_txn_markers.hpp"

namespace horolog::wire {
namespace {

/// A row, checked against the two structs that decode and encode it.
template <typename Request, typename Response>
consteval ApiRow row(VersionRange served) {
  constexpr Api request = Request::api;
  constexpr Api response = Response::api;
  static_assert(request.key == response.key);
  static_assert(request.versions == response.versions);
  static_assert(request.flexible_since == response.flexible_since);
  if (!request.versions.contains(served)) throw "a version is served that the structs do not have";
  return {.key = request.key,
          .name = request.name.substr(0, request.name.size() - std::string_view("Request").size()),
          .served = served,
          .advertised = served,
          .flexible_since = request.flexible_since};
}

/// Old releases of librdkafka turn compression off unless Produce is advertised from version 0, and
/// then send a newer one all the same (KAFKA-18659).
consteval ApiRow advertised_from_zero(ApiRow row) {
  row.advertised.min = 0;
  return row;
}

constexpr std::array table{
    advertised_from_zero(row<ProduceRequest, ProduceResponse>({3, 13})),
    row<FetchRequest, FetchResponse>({4, 18}),
    row<ListOffsetsRequest, ListOffsetsResponse>({1, 11}),
    row<MetadataRequest, MetadataResponse>({0, 13}),
    row<OffsetCommitRequest, OffsetCommitResponse>({2, 10}),
    row<OffsetFetchRequest, OffsetFetchResponse>({1, 10}),
    row<FindCoordinatorRequest, FindCoordinatorResponse>({0, 6}),
    row<JoinGroupRequest, JoinGroupResponse>({0, 9}),
    row<HeartbeatRequest, HeartbeatResponse>({0, 4}),
    row<LeaveGroupRequest, LeaveGroupResponse>({0, 5}),
    row<SyncGroupRequest, SyncGroupResponse>({0, 5}),
    row<DescribeGroupsRequest, DescribeGroupsResponse>({0, 6}),
    row<ListGroupsRequest, ListGroupsResponse>({0, 5}),
    row<ApiVersionsRequest, ApiVersionsResponse>({0, 4}),
    row<CreateTopicsRequest, CreateTopicsResponse>({2, 7}),
    row<DeleteTopicsRequest, DeleteTopicsResponse>({1, 6}),
    row<DeleteRecordsRequest, DeleteRecordsResponse>({0, 2}),
    // Version 6 is unstable in Apache Kafka too.
    row<InitProducerIdRequest, InitProducerIdResponse>({0, 5}),
    row<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>({2, 4}),
    row<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>({0, 5}),
    row<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>({0, 4}),
    row<EndTxnRequest, EndTxnResponse>({0, 5}),
    row<WriteTxnMarkersRequest, WriteTxnMarkersResponse>({1, 2}),
    row<TxnOffsetCommitRequest, TxnOffsetCommitResponse>({0, 5}),
    row<DescribeAclsRequest, DescribeAclsResponse>({1, 3}),
    row<CreateAclsRequest, CreateAclsResponse>({1, 3}),
    row<DeleteAclsRequest, DeleteAclsResponse>({1, 3}),
    row<DescribeConfigsRequest, DescribeConfigsResponse>({1, 4}),
    row<AlterConfigsRequest, AlterConfigsResponse>({0, 2}),
    row<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>({1, 2}),
    row<DescribeLogDirsRequest, DescribeLogDirsResponse>({1, 5}),
    row<CreatePartitionsRequest, CreatePartitionsResponse>({0, 3}),
    row<CreateDelegationTokenRequest, CreateDelegationTokenResponse>({1, 3}),
    row<RenewDelegationTokenRequest, RenewDelegationTokenResponse>({1, 2}),
    row<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>({1, 2}),
    row<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>({1, 3}),
    row<DeleteGroupsRequest, DeleteGroupsResponse>({0, 2}),
    row<ElectLeadersRequest, ElectLeadersResponse>({0, 2}),
    row<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>({0, 1}),
    row<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>({0, 1}),
    row<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>({0, 0}),
    row<OffsetDeleteRequest, OffsetDeleteResponse>({0, 0}),
    row<DescribeClientQuotasRequest, DescribeClientQuotasResponse>({0, 1}),
    row<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>({0, 0}),
    row<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>({0, 0}),
    row<DescribeQuorumRequest, DescribeQuorumResponse>({0, 2}),
    row<UpdateFeaturesRequest, UpdateFeaturesResponse>({0, 2}),
    row<DescribeClusterRequest, DescribeClusterResponse>({0, 2}),
    row<DescribeProducersRequest, DescribeProducersResponse>({0, 0}),
    row<DescribeTransactionsRequest, DescribeTransactionsResponse>({0, 0}),
    row<ListTransactionsRequest, ListTransactionsResponse>({0, 2}),
    row<ListConfigResourcesRequest, ListConfigResourcesResponse>({0, 1}),
    row<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>({0, 0}),
};
static_assert(std::ranges::is_sorted(table, {}, &ApiRow::key));

}  // namespace

std::span<const ApiRow> served_apis() { return table; }

const ApiRow* find_api(ApiKey key) {
  const auto* row = std::ranges::lower_bound(table, key, {}, &ApiRow::key);
  return row != table.end() && row->key == key ? row : nullptr;
}

}  // namespace horolog::wire
