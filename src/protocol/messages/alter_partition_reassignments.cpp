#include "protocol/messages/alter_partition_reassignments.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AlterPartitionReassignmentsRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("replicas", replicas);
  v.end();
}

void AlterPartitionReassignmentsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void AlterPartitionReassignmentsRequest::describe(Visitor& v) {
  v("timeout_ms", timeout_ms);
  v("allow_replication_factor_change", allow_replication_factor_change, since(1));
  v("topics", topics);
  v.end();
}

void AlterPartitionReassignmentsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void AlterPartitionReassignmentsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void AlterPartitionReassignmentsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("allow_replication_factor_change", allow_replication_factor_change, since(1).ignorable());
  v("error_code", error_code);
  v("error_message", error_message);
  v("responses", responses);
  v.end();
}

}  // namespace horolog::wire
