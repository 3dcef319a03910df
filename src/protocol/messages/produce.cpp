#include "protocol/messages/produce.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ProduceRequest::Partition::describe(Visitor& v) {
  v("index", index);
  v("records", records);
  v.end();
}

void ProduceRequest::Topic::describe(Visitor& v) {
  v("name", name, until(12).ignorable());
  v("topic_id", topic_id, since(13).ignorable());
  v("partition_data", partition_data);
  v.end();
}

void ProduceRequest::describe(Visitor& v) {
  v("transactional_id", transactional_id, since(3));
  v("acks", acks);
  v("timeout_ms", timeout_ms);
  v("topic_data", topic_data);
  v.end();
}

void ProduceResponse::RecordError::describe(Visitor& v) {
  v("batch_index", batch_index, since(8));
  v("batch_index_error_message", batch_index_error_message, since(8));
  v.end();
}

void ProduceResponse::CurrentLeader::describe(Visitor& v) {
  v("leader_id", leader_id, since(10));
  v("leader_epoch", leader_epoch, since(10));
  v.end();
}

void ProduceResponse::Partition::describe(Visitor& v) {
  v("index", index);
  v("error_code", error_code);
  v("base_offset", base_offset);
  v("log_append_time_ms", log_append_time_ms, since(2).ignorable());
  v("log_start_offset", log_start_offset, since(5).ignorable());
  v("record_errors", record_errors, since(8).ignorable());
  v("error_message", error_message, since(8).ignorable());
  v.end(tag(0, "current_leader", current_leader, since(10)));
}

void ProduceResponse::Topic::describe(Visitor& v) {
  v("name", name, until(12).ignorable());
  v("topic_id", topic_id, since(13).ignorable());
  v("partition_responses", partition_responses);
  v.end();
}

void ProduceResponse::NodeEndpoint::describe(Visitor& v) {
  v("node_id", node_id, since(10));
  v("host", host, since(10));
  v("port", port, since(10));
  v("rack", rack, since(10));
  v.end();
}

void ProduceResponse::describe(Visitor& v) {
  v("responses", responses);
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v.end(tag(0, "node_endpoints", node_endpoints, since(10)));
}

}  // namespace horolog::wire
