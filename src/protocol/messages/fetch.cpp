#include "protocol/messages/fetch.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void FetchRequest::ReplicaState::describe(Visitor& v) {
  v("replica_id", replica_id, since(15));
  v("replica_epoch", replica_epoch, since(15));
  v.end();
}

void FetchRequest::Partition::describe(Visitor& v) {
  v("partition", partition);
  v("current_leader_epoch", current_leader_epoch, since(9).ignorable());
  v("fetch_offset", fetch_offset);
  v("last_fetched_epoch", last_fetched_epoch, since(12));
  v("log_start_offset", log_start_offset, since(5).ignorable());
  v("partition_max_bytes", partition_max_bytes);
  v.end(tag(0, "replica_directory_id", replica_directory_id, since(17).ignorable()),
        tag(1, "high_watermark", high_watermark, since(18).ignorable()));
}

void FetchRequest::Topic::describe(Visitor& v) {
  v("topic", topic, until(12).ignorable());
  v("topic_id", topic_id, since(13).ignorable());
  v("partitions", partitions);
  v.end();
}

void FetchRequest::ForgottenTopic::describe(Visitor& v) {
  v("topic", topic, between(7, 12).ignorable());
  v("topic_id", topic_id, since(13).ignorable());
  v("partitions", partitions, since(7));
  v.end();
}

void FetchRequest::describe(Visitor& v) {
  v("replica_id", replica_id, until(14));
  v("max_wait_ms", max_wait_ms);
  v("min_bytes", min_bytes);
  v("max_bytes", max_bytes, since(3).ignorable());
  v("isolation_level", isolation_level, since(4).ignorable());
  v("session_id", session_id, since(7).ignorable());
  v("session_epoch", session_epoch, since(7).ignorable());
  v("topics", topics);
  v("forgotten_topics_data", forgotten_topics_data, since(7));
  v("rack_id", rack_id, since(11).ignorable());
  v.end(tag(0, "cluster_id", cluster_id, since(12).ignorable()),
        tag(1, "replica_state", replica_state, since(15)));
}

void FetchResponse::DivergingEpoch::describe(Visitor& v) {
  v("epoch", epoch, since(12));
  v("end_offset", end_offset, since(12));
  v.end();
}

void FetchResponse::CurrentLeader::describe(Visitor& v) {
  v("leader_id", leader_id, since(12));
  v("leader_epoch", leader_epoch, since(12));
  v.end();
}

void FetchResponse::SnapshotId::describe(Visitor& v) {
  v("end_offset", end_offset);
  v("epoch", epoch);
  v.end();
}

void FetchResponse::AbortedTransaction::describe(Visitor& v) {
  v("producer_id", producer_id, since(4));
  v("first_offset", first_offset, since(4));
  v.end();
}

void FetchResponse::Partition::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("error_code", error_code);
  v("high_watermark", high_watermark);
  v("last_stable_offset", last_stable_offset, since(4).ignorable());
  v("log_start_offset", log_start_offset, since(5).ignorable());
  v("aborted_transactions", aborted_transactions, since(4).ignorable());
  v("preferred_read_replica", preferred_read_replica, since(11));
  v("records", records);
  v.end(tag(0, "diverging_epoch", diverging_epoch, since(12)),
        tag(1, "current_leader", current_leader, since(12)),
        tag(2, "snapshot_id", snapshot_id, since(12)));
}

void FetchResponse::Topic::describe(Visitor& v) {
  v("topic", topic, until(12).ignorable());
  v("topic_id", topic_id, since(13).ignorable());
  v("partitions", partitions);
  v.end();
}

void FetchResponse::NodeEndpoint::describe(Visitor& v) {
  v("node_id", node_id, since(16));
  v("host", host, since(16));
  v("port", port, since(16));
  v("rack", rack, since(16));
  v.end();
}

void FetchResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code, since(7).ignorable());
  v("session_id", session_id, since(7));
  v("responses", responses);
  v.end(tag(0, "node_endpoints", node_endpoints, since(16)));
}

}  // namespace horolog::wire
