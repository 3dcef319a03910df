#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/header.hpp"
#include "protocol/messages/add_offsets_to_txn.hpp"
#include "protocol/messages/add_partitions_to_txn.hpp"
#include "protocol/messages/alter_client_quotas.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/alter_partition_reassignments.hpp"
#include "protocol/messages/alter_replica_log_dirs.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/consumer_group_describe.hpp"
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
#include "protocol/records/consumer_protocol.hpp"
#include "protocol/records/control.hpp"
#include "protocol/records/group_metadata.hpp"
#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "protocol/records/offset_commit.hpp"
#include "protocol/records/transaction_log.hpp"
#include "protocol/visitor.hpp"

/// Every message type there is, so that tests can walk all of them in one loop. The type is erased,
/// because instantiating each test for each type would take minutes to compile.
namespace horolog::wire {

/// A message of a type chosen at run time, with its fields at their defaults until visited.
class AnyMessage {
 public:
  AnyMessage() = default;
  AnyMessage(const AnyMessage&) = delete;
  AnyMessage& operator=(const AnyMessage&) = delete;
  virtual ~AnyMessage() = default;
  virtual void visit(Visitor& v) = 0;
};

struct MessageType {
  const Api* api;
  std::unique_ptr<AnyMessage> (*make)();
};

template <typename T>
std::unique_ptr<AnyMessage> make_message() {
  class Holder final : public AnyMessage {
    void visit(Visitor& v) override { v.visit(message_); }
    T message_{};
  };
  return std::make_unique<Holder>();
}

template <typename... T>
inline constexpr std::array<MessageType, sizeof...(T)> message_types{
    MessageType{&T::api, &make_message<T>}...};

using MessageTypes = std::span<const MessageType>;

/// One per API.
inline MessageTypes requests() {
  return message_types<
      AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AlterClientQuotasRequest,
      AlterConfigsRequest, AlterPartitionReassignmentsRequest, AlterReplicaLogDirsRequest,
      AlterUserScramCredentialsRequest, ApiVersionsRequest, ConsumerGroupDescribeRequest,
      CreateAclsRequest,
      CreateDelegationTokenRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteAclsRequest,
      DeleteGroupsRequest, DeleteRecordsRequest, DeleteTopicsRequest, DescribeAclsRequest,
      DescribeClientQuotasRequest, DescribeClusterRequest, DescribeConfigsRequest,
      DescribeDelegationTokenRequest, DescribeGroupsRequest, DescribeLogDirsRequest,
      DescribeProducersRequest, DescribeQuorumRequest, DescribeTopicPartitionsRequest,
      DescribeTransactionsRequest, DescribeUserScramCredentialsRequest, ElectLeadersRequest,
      EndTxnRequest, ExpireDelegationTokenRequest, FetchRequest, FindCoordinatorRequest,
      HeartbeatRequest, IncrementalAlterConfigsRequest, InitProducerIdRequest, JoinGroupRequest,
      LeaveGroupRequest, ListConfigResourcesRequest, ListGroupsRequest, ListOffsetsRequest,
      ListPartitionReassignmentsRequest, ListTransactionsRequest, MetadataRequest,
      OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest,
      ProduceRequest, RenewDelegationTokenRequest, SyncGroupRequest, TxnOffsetCommitRequest,
      UpdateFeaturesRequest, WriteTxnMarkersRequest>;
}

/// One per API, in the order of requests.
inline MessageTypes responses() {
  return message_types<
      AddOffsetsToTxnResponse, AddPartitionsToTxnResponse, AlterClientQuotasResponse,
      AlterConfigsResponse, AlterPartitionReassignmentsResponse, AlterReplicaLogDirsResponse,
      AlterUserScramCredentialsResponse, ApiVersionsResponse, ConsumerGroupDescribeResponse,
      CreateAclsResponse,
      CreateDelegationTokenResponse, CreatePartitionsResponse, CreateTopicsResponse,
      DeleteAclsResponse, DeleteGroupsResponse, DeleteRecordsResponse, DeleteTopicsResponse,
      DescribeAclsResponse, DescribeClientQuotasResponse, DescribeClusterResponse,
      DescribeConfigsResponse, DescribeDelegationTokenResponse, DescribeGroupsResponse,
      DescribeLogDirsResponse, DescribeProducersResponse, DescribeQuorumResponse,
      DescribeTopicPartitionsResponse, DescribeTransactionsResponse,
      DescribeUserScramCredentialsResponse, ElectLeadersResponse, EndTxnResponse,
      ExpireDelegationTokenResponse, FetchResponse, FindCoordinatorResponse, HeartbeatResponse,
      IncrementalAlterConfigsResponse, InitProducerIdResponse, JoinGroupResponse,
      LeaveGroupResponse, ListConfigResourcesResponse, ListGroupsResponse, ListOffsetsResponse,
      ListPartitionReassignmentsResponse, ListTransactionsResponse, MetadataResponse,
      OffsetCommitResponse, OffsetDeleteResponse, OffsetFetchResponse, OffsetForLeaderEpochResponse,
      ProduceResponse, RenewDelegationTokenResponse, SyncGroupResponse, TxnOffsetCommitResponse,
      UpdateFeaturesResponse, WriteTxnMarkersResponse>;
}

/// What stands in logs, and the bytes consumers pass through JoinGroup and SyncGroup.
inline MessageTypes persisted_records() {
  return message_types<
      ConsumerProtocolSubscription, ConsumerProtocolAssignment, LeaderChangeMessage,
      SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord, EndTxnMarker,
      ControlRecordTypeSchema, GroupMetadataKey, GroupMetadataValue, RegisterControllerRecord,
      RegisterBrokerRecord, BrokerRegistrationChangeRecord, FeatureLevelRecord, ProducerIdsRecord,
      NoOpRecord, BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord, TopicRecord,
      RemoveTopicRecord, PartitionRecord, PartitionChangeRecord, ConfigRecord, OffsetCommitKey,
      OffsetCommitValue, TransactionLogKey, TransactionLogValue>;
}

/// What stands before the messages.
inline MessageTypes headers() { return message_types<RequestHeader, ResponseHeader>; }

/// Calls `walk(type, version)` for every version of every type in `types`.
template <typename Function>
void for_each_version(MessageTypes types, Function&& walk) {
  for (const MessageType& type : types) {
    for (int v = type.api->versions.min; v <= type.api->versions.max; ++v) {
      walk(type, static_cast<std::int16_t>(v));
    }
  }
}

/// As for_each_version, over everything.
template <typename Function>
void for_each_message(Function&& walk) {
  for (const MessageTypes types : {headers(), requests(), responses(), persisted_records()}) {
    for_each_version(types, walk);
  }
}

}  // namespace horolog::wire
