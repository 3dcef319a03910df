#include "protocol/messages/create_topics.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void CreateTopicsRequest::Assignment::describe(Visitor& v) {
  v("partition_index", partition_index);
  v("broker_ids", broker_ids);
  v.end();
}

void CreateTopicsRequest::Config::describe(Visitor& v) {
  v("name", name);
  v("value", value);
  v.end();
}

void CreateTopicsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("num_partitions", num_partitions);
  v("replication_factor", replication_factor);
  v("assignments", assignments);
  v("configs", configs);
  v.end();
}

void CreateTopicsRequest::describe(Visitor& v) {
  v("topics", topics);
  v("timeout_ms", timeout_ms);
  v("validate_only", validate_only, since(1));
  v.end();
}

void CreateTopicsResponse::Config::describe(Visitor& v) {
  v("name", name, since(5));
  v("value", value, since(5));
  v("read_only", read_only, since(5));
  v("config_source", config_source, since(5).ignorable());
  v("is_sensitive", is_sensitive, since(5));
  v.end();
}

void CreateTopicsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("topic_id", topic_id, since(7).ignorable());
  v("error_code", error_code);
  v("error_message", error_message, since(1).ignorable());
  v("num_partitions", num_partitions, since(5).ignorable());
  v("replication_factor", replication_factor, since(5).ignorable());
  v("configs", configs, since(5).ignorable());
  v.end(tag(0, "topic_config_error_code", topic_config_error_code, since(5).ignorable()));
}

void CreateTopicsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(2).ignorable());
  v("topics", topics);
  v.end();
}

}  // namespace horolog::wire
