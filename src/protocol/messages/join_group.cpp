#include "protocol/messages/join_group.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void JoinGroupRequest::Protocol::describe(Visitor& v) {
  v("name", name);
  v("metadata", metadata);
  v.end();
}

void JoinGroupRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("session_timeout_ms", session_timeout_ms);
  v("rebalance_timeout_ms", rebalance_timeout_ms, since(1).ignorable());
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(5));
  v("protocol_type", protocol_type);
  v("protocols", protocols);
  v("reason", reason, since(8).ignorable());
  v.end();
}

void JoinGroupResponse::Member::describe(Visitor& v) {
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(5).ignorable());
  v("metadata", metadata);
  v.end();
}

void JoinGroupResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(2).ignorable());
  v("error_code", error_code);
  v("generation_id", generation_id);
  v("protocol_type", protocol_type, since(7).ignorable());
  v("protocol_name", protocol_name, always.nullable_since(7));
  v("leader", leader);
  v("skip_assignment", skip_assignment, since(9));
  v("member_id", member_id);
  v("members", members);
  v.end();
}

}  // namespace horolog::wire
