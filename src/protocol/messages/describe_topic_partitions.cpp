#include "protocol/messages/describe_topic_partitions.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeTopicPartitionsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v.end();
}

void DescribeTopicPartitionsCursor::describe(Visitor& v) {
  v("topic_name", topic_name);
  v("partition_index", partition_index);
  v.end();
}

void DescribeTopicPartitionsRequest::describe(Visitor& v) {
  v("topics", topics);
  v("response_partition_limit", response_partition_limit);
  v("cursor", cursor);
  v.end();
}

void DescribeTopicPartitionsResponse::Partition::describe(Visitor& v) {
  v("error_code", error_code);
  v("partition_index", partition_index);
  v("leader_id", leader_id);
  v("leader_epoch", leader_epoch, always.ignorable());
  v("replica_nodes", replica_nodes);
  v("isr_nodes", isr_nodes);
  v("eligible_leader_replicas", eligible_leader_replicas);
  v("last_known_elr", last_known_elr);
  v("offline_replicas", offline_replicas, always.ignorable());
  v.end();
}

void DescribeTopicPartitionsResponse::Topic::describe(Visitor& v) {
  v("error_code", error_code);
  v("name", name);
  v("topic_id", topic_id, always.ignorable());
  v("is_internal", is_internal, always.ignorable());
  v("partitions", partitions);
  v("topic_authorized_operations", topic_authorized_operations);
  v.end();
}

void DescribeTopicPartitionsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, always.ignorable());
  v("topics", topics);
  v("next_cursor", next_cursor);
  v.end();
}

}  // namespace horolog::wire
