#include "protocol/messages/list_partition_reassignments.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ListPartitionReassignmentsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("partition_indexes", partition_indexes);
  v.end();
}

void ListPartitionReassignmentsRequest::describe(Visitor& v) {
  v("timeout_ms", timeout_ms);
  v("topics", topics);
  v.end();
}

void ListPartitionReassignmentsResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("replicas", replicas);
  v("adding_replicas", adding_replicas);
  v("removing_replicas", removing_replicas);
  v.end();
}

void ListPartitionReassignmentsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("partitions", partitions);
  v.end();
}

void ListPartitionReassignmentsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
