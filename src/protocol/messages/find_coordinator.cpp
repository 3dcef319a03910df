#include "protocol/messages/find_coordinator.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void FindCoordinatorRequest::describe(Visitor& v) {
  v("key", key, until(3));
  v("key_type", key_type, since(1));
  v("coordinator_keys", coordinator_keys, since(4));
  v.end();
}

void FindCoordinatorResponse::Coordinator::describe(Visitor& v) {
  v("key", key, since(4));
  v("node_id", node_id, since(4));
  v("host", host, since(4));
  v("port", port, since(4));
  v("error_code", error_code, since(4));
  v("error_message", error_message, since(4).ignorable());
  v.end();
}

void FindCoordinatorResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code, until(3));
  v("error_message", error_message, between(1, 3).ignorable());
  v("node_id", node_id, until(3));
  v("host", host, until(3));
  v("port", port, until(3));
  v("coordinators", coordinators, since(4));
  v.end();
}

}  // namespace horolog::wire
