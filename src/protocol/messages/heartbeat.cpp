#include "protocol/messages/heartbeat.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void HeartbeatRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("generation_id", generation_id);
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(3));
  v.end();
}

void HeartbeatResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code);
  v.end();
}

}  // namespace horolog::wire
