#include "protocol/messages/create_partitions.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void CreatePartitionsRequest::Assignment::describe(Visitor& v) {
  v("broker_ids", broker_ids);
  v.end();
}

void CreatePartitionsRequest::Topic::describe(Visitor& v) {
  v("name", name);
  v("count", count);
  v("assignments", assignments);
  v.end();
}

void CreatePartitionsRequest::describe(Visitor& v) {
  v("topics", topics);
  v("timeout_ms", timeout_ms);
  v("validate_only", validate_only);
  v.end();
}

void CreatePartitionsResponse::Topic::describe(Visitor& v) {
  v("name", name);
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void CreatePartitionsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
