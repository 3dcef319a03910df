#include "protocol/messages/leave_group.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void LeaveGroupRequest::Member::describe(Visitor& v) {
  v("member_id", member_id, since(3));
  v("group_instance_id", group_instance_id, since(3));
  v("reason", reason, since(5).ignorable());
  v.end();
}

void LeaveGroupRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("member_id", member_id, until(2));
  v("members", members, since(3));
  v.end();
}

void LeaveGroupResponse::Member::describe(Visitor& v) {
  v("member_id", member_id, since(3));
  v("group_instance_id", group_instance_id, since(3));
  v("error_code", error_code, since(3));
  v.end();
}

void LeaveGroupResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code);
  v("members", members, since(3));
  v.end();
}

}  // namespace horolog::wire
