#pragma once

/// Which message answers which.
namespace horolog::wire {

/// `typename ResponseOf<HeartbeatRequest>::type` is HeartbeatResponse. The messages themselves are
/// not included here: a caller includes those it sends.
template <typename Request>
struct ResponseOf;

#define HOROLOG_ANSWERED(name)         \
  struct name##Request;                \
  struct name##Response;               \
  template <>                          \
  struct ResponseOf<name##Request> {   \
    using type = name##Response;       \
  }

HOROLOG_ANSWERED(AddOffsetsToTxn);
HOROLOG_ANSWERED(AddPartitionsToTxn);
HOROLOG_ANSWERED(AlterClientQuotas);
HOROLOG_ANSWERED(AlterConfigs);
HOROLOG_ANSWERED(AlterPartitionReassignments);
HOROLOG_ANSWERED(AlterReplicaLogDirs);
HOROLOG_ANSWERED(AlterUserScramCredentials);
HOROLOG_ANSWERED(ApiVersions);
HOROLOG_ANSWERED(ConsumerGroupDescribe);
HOROLOG_ANSWERED(CreateAcls);
HOROLOG_ANSWERED(CreateDelegationToken);
HOROLOG_ANSWERED(CreatePartitions);
HOROLOG_ANSWERED(CreateTopics);
HOROLOG_ANSWERED(DeleteAcls);
HOROLOG_ANSWERED(DeleteGroups);
HOROLOG_ANSWERED(DeleteRecords);
HOROLOG_ANSWERED(DeleteTopics);
HOROLOG_ANSWERED(DescribeAcls);
HOROLOG_ANSWERED(DescribeClientQuotas);
HOROLOG_ANSWERED(DescribeCluster);
HOROLOG_ANSWERED(DescribeConfigs);
HOROLOG_ANSWERED(DescribeDelegationToken);
HOROLOG_ANSWERED(DescribeGroups);
HOROLOG_ANSWERED(DescribeLogDirs);
HOROLOG_ANSWERED(DescribeProducers);
HOROLOG_ANSWERED(DescribeQuorum);
HOROLOG_ANSWERED(DescribeTopicPartitions);
HOROLOG_ANSWERED(DescribeTransactions);
HOROLOG_ANSWERED(DescribeUserScramCredentials);
HOROLOG_ANSWERED(ElectLeaders);
HOROLOG_ANSWERED(EndTxn);
HOROLOG_ANSWERED(ExpireDelegationToken);
HOROLOG_ANSWERED(Fetch);
HOROLOG_ANSWERED(FindCoordinator);
HOROLOG_ANSWERED(Heartbeat);
HOROLOG_ANSWERED(IncrementalAlterConfigs);
HOROLOG_ANSWERED(InitProducerId);
HOROLOG_ANSWERED(JoinGroup);
HOROLOG_ANSWERED(LeaveGroup);
HOROLOG_ANSWERED(ListConfigResources);
HOROLOG_ANSWERED(ListGroups);
HOROLOG_ANSWERED(ListOffsets);
HOROLOG_ANSWERED(ListPartitionReassignments);
HOROLOG_ANSWERED(ListTransactions);
HOROLOG_ANSWERED(Metadata);
HOROLOG_ANSWERED(OffsetCommit);
HOROLOG_ANSWERED(OffsetDelete);
HOROLOG_ANSWERED(OffsetFetch);
HOROLOG_ANSWERED(OffsetForLeaderEpoch);
HOROLOG_ANSWERED(Produce);
HOROLOG_ANSWERED(RenewDelegationToken);
HOROLOG_ANSWERED(SyncGroup);
HOROLOG_ANSWERED(TxnOffsetCommit);
HOROLOG_ANSWERED(UpdateFeatures);
HOROLOG_ANSWERED(WriteTxnMarkers);

#undef HOROLOG_ANSWERED

}  // namespace horolog::wire
