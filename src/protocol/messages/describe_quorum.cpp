#include "protocol/messages/describe_quorum.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeQuorumRequest::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v.end();
}

void DescribeQuorumRequest::Topic::describe(Visitor& v) {
  v("topic_name", topic_name);
  v("partitions", partitions);
  v.end();
}

void DescribeQuorumRequest::describe(Visitor& v) {
  v("topics", topics);
  v.end();
}

void DescribeQuorumReplica::describe(Visitor& v) {
  v("replica_id", replica_id);
  v("replica_directory_id", replica_directory_id, since(2));
  v("log_end_offset", log_end_offset);
  v("last_fetch_timestamp", last_fetch_timestamp, since(1).ignorable());
  v("last_caught_up_timestamp", last_caught_up_timestamp, since(1).ignorable());
  v.end();
}

void DescribeQuorumResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v("error_message", error_message, since(2).ignorable());
  v("leader_id", leader_id);
  v("leader_epoch", leader_epoch);
  v("high_watermark", high_watermark);
  v("current_voters", current_voters);
  v("observers", observers);
  v.end();
}

void DescribeQuorumResponse::Topic::describe(Visitor& v) {
  v("topic_name", topic_name);
  v("partitions", partitions);
  v.end();
}

void DescribeQuorumResponse::Listener::describe(Visitor& v) {
  v("name", name, since(2));
  v("host", host, since(2));
  v("port", port, since(2));
  v.end();
}

void DescribeQuorumResponse::Node::describe(Visitor& v) {
  v("node_id", node_id, since(2));
  v("listeners", listeners, since(2));
  v.end();
}

void DescribeQuorumResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message, since(2).ignorable());
  v("topics", topics);
  v("nodes", nodes, since(2));
  v.end();
}

}  // namespace horolog::wire
