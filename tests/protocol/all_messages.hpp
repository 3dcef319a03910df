#pragma once

#include <cstdint>

#include "protocol/header.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/api_versions.hpp"
#include "protocol/messages/create_partitions.hpp"
#include "protocol/messages/create_topics.hpp"
#include "protocol/messages/delete_groups.hpp"
#include "protocol/messages/delete_records.hpp"
#include "protocol/messages/delete_topics.hpp"
#include "protocol/messages/describe_cluster.hpp"
#include "protocol/messages/describe_configs.hpp"
#include "protocol/messages/describe_groups.hpp"
#include "protocol/messages/fetch.hpp"
#include "protocol/messages/find_coordinator.hpp"
#include "protocol/messages/heartbeat.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"
#include "protocol/messages/init_producer_id.hpp"
#include "protocol/messages/join_group.hpp"
#include "protocol/messages/leave_group.hpp"
#include "protocol/messages/list_groups.hpp"
#include "protocol/messages/list_offsets.hpp"
#include "protocol/messages/metadata.hpp"
#include "protocol/messages/offset_commit.hpp"
#include "protocol/messages/offset_delete.hpp"
#include "protocol/messages/offset_fetch.hpp"
#include "protocol/messages/offset_for_leader_epoch.hpp"
#include "protocol/messages/produce.hpp"
#include "protocol/messages/sync_group.hpp"
#include "protocol/records/consumer_protocol.hpp"
#include "protocol/records/control.hpp"
#include "protocol/records/group_metadata.hpp"
#include "protocol/records/metadata_brokers.hpp"
#include "protocol/records/metadata_log.hpp"
#include "protocol/records/metadata_topics.hpp"
#include "protocol/records/offset_commit.hpp"
#include "protocol/records/transaction_log.hpp"

/// Every message type there is, so that tests can walk all of them.
namespace horolog::wire {

template <typename... T>
struct TypeList {};

/// One per API.
using Requests =
    TypeList<AlterConfigsRequest, ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest,
             DeleteGroupsRequest, DeleteRecordsRequest, DeleteTopicsRequest, DescribeClusterRequest,
             DescribeConfigsRequest, DescribeGroupsRequest, FetchRequest, FindCoordinatorRequest,
             HeartbeatRequest, IncrementalAlterConfigsRequest, InitProducerIdRequest,
             JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest, ListOffsetsRequest,
             MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
             OffsetForLeaderEpochRequest, ProduceRequest, SyncGroupRequest>;

/// One per API, in the order of Requests.
using Responses =
    TypeList<AlterConfigsResponse, ApiVersionsResponse, CreatePartitionsResponse,
             CreateTopicsResponse, DeleteGroupsResponse, DeleteRecordsResponse,
             DeleteTopicsResponse, DescribeClusterResponse, DescribeConfigsResponse,
             DescribeGroupsResponse, FetchResponse, FindCoordinatorResponse, HeartbeatResponse,
             IncrementalAlterConfigsResponse, InitProducerIdResponse, JoinGroupResponse,
             LeaveGroupResponse, ListGroupsResponse, ListOffsetsResponse, MetadataResponse,
             OffsetCommitResponse, OffsetDeleteResponse, OffsetFetchResponse,
             OffsetForLeaderEpochResponse, ProduceResponse, SyncGroupResponse>;

/// What stands in logs, and the bytes consumers pass through JoinGroup and SyncGroup.
using PersistedRecords =
    TypeList<ConsumerProtocolSubscription, ConsumerProtocolAssignment, LeaderChangeMessage,
             SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord,
             EndTxnMarker, ControlRecordTypeSchema, GroupMetadataKey, GroupMetadataValue,
             RegisterControllerRecord, RegisterBrokerRecord, BrokerRegistrationChangeRecord,
             FeatureLevelRecord, ProducerIdsRecord, NoOpRecord, BeginTransactionRecord,
             EndTransactionRecord, AbortTransactionRecord, TopicRecord, RemoveTopicRecord,
             PartitionRecord, PartitionChangeRecord, ConfigRecord, OffsetCommitKey,
             OffsetCommitValue, TransactionLogKey, TransactionLogValue>;

/// What stands before the messages.
using Headers =
    TypeList<RequestHeader, ResponseHeader>;

/// Calls `visit.template operator()<T>(version)` for each version of each type in the list.
template <typename Function, typename... T>
void for_each_version(TypeList<T...>, Function&& visit) {
  const auto each = [&]<typename U>() {
    for (int v = U::api.versions.min; v <= U::api.versions.max; ++v) {
      visit.template operator()<U>(static_cast<std::int16_t>(v));
    }
  };
  (each.template operator()<T>(), ...);
}

/// As for_each_version, over every list.
template <typename Function>
void for_each_message(Function&& visit) {
  for_each_version(Headers{}, visit);
  for_each_version(Requests{}, visit);
  for_each_version(Responses{}, visit);
  for_each_version(PersistedRecords{}, visit);
}

}  // namespace horolog::wire
