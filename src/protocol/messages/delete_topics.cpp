#include "protocol/messages/delete_topics.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DeleteTopicsRequest::Topic::describe(Visitor& v) {
  v("name", name, since(6));
  v("topic_id", topic_id, since(6));
  v.end();
}

void DeleteTopicsRequest::describe(Visitor& v) {
  v("topics", topics, since(6));
  v("topic_names", topic_names, until(5).ignorable());
  v("timeout_ms", timeout_ms);
  v.end();
}

void DeleteTopicsResponse::Topic::describe(Visitor& v) {
  v("name", name, always.nullable_since(6));
  v("topic_id", topic_id, since(6).ignorable());
  v("error_code", error_code);
  v("error_message", error_message, since(5).ignorable());
  v.end();
}

void DeleteTopicsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("responses", responses);
  v.end();
}

}  // namespace horolog::wire
