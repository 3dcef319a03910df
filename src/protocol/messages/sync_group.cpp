#include "protocol/messages/sync_group.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void SyncGroupRequest::Assignment::describe(Visitor& v) {
  v("member_id", member_id);
  v("assignment", assignment);
  v.end();
}

void SyncGroupRequest::describe(Visitor& v) {
  v("group_id", group_id);
  v("generation_id", generation_id);
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(3));
  v("protocol_type", protocol_type, since(5).ignorable());
  v("protocol_name", protocol_name, since(5).ignorable());
  v("assignments", assignments);
  v.end();
}

void SyncGroupResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code);
  v("protocol_type", protocol_type, since(5).ignorable());
  v("protocol_name", protocol_name, since(5).ignorable());
  v("assignment", assignment);
  v.end();
}

}  // namespace horolog::wire
