#include "protocol/messages/metadata.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void MetadataRequest::Topic::describe(Visitor& v) {
  v("topic_id", topic_id, since(10).ignorable());
  v("name", name, always.nullable_since(10));
  v.end();
}

void MetadataRequest::describe(Visitor& v) {
  v("topics", topics, always.nullable_since(1));
  v("allow_auto_topic_creation", allow_auto_topic_creation, since(4));
  v("include_cluster_authorized_operations", include_cluster_authorized_operations, between(8, 10));
  v("include_topic_authorized_operations", include_topic_authorized_operations, since(8));
  v.end();
}

void MetadataResponse::Broker::describe(Visitor& v) {
  v("node_id", node_id);
  v("host", host);
  v("port", port);
  v("rack", rack, since(1).ignorable());
  v.end();
}

void MetadataResponse::Partition::describe(Visitor& v) {
  v("error_code", error_code);
  v("partition_index", partition_index);
  v("leader_id", leader_id);
  v("leader_epoch", leader_epoch, since(7).ignorable());
  v("replica_nodes", replica_nodes);
  v("isr_nodes", isr_nodes);
  v("offline_replicas", offline_replicas, since(5).ignorable());
  v.end();
}

void MetadataResponse::Topic::describe(Visitor& v) {
  v("error_code", error_code);
  v("name", name, always.nullable_since(12));
  v("topic_id", topic_id, since(10).ignorable());
  v("is_internal", is_internal, since(1).ignorable());
  v("partitions", partitions);
  v("topic_authorized_operations", topic_authorized_operations, since(8));
  v.end();
}

void MetadataResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(3).ignorable());
  v("brokers", brokers);
  v("cluster_id", cluster_id, since(2).ignorable());
  v("controller_id", controller_id, since(1).ignorable());
  v("topics", topics);
  v("cluster_authorized_operations", cluster_authorized_operations, between(8, 10));
  v("error_code", error_code, since(13).ignorable());
  v.end();
}

}  // namespace horolog::wire
