#include "protocol/messages/describe_groups.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeGroupsRequest::describe(Visitor& v) {
  v("groups", groups);
  v("include_authorized_operations", include_authorized_operations, since(3));
  v.end();
}

void DescribeGroupsResponse::Member::describe(Visitor& v) {
  v("member_id", member_id);
  v("group_instance_id", group_instance_id, since(4).ignorable());
  v("client_id", client_id);
  v("client_host", client_host);
  v("member_metadata", member_metadata);
  v("member_assignment", member_assignment);
  v.end();
}

void DescribeGroupsResponse::Group::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message, since(6));
  v("group_id", group_id);
  v("group_state", group_state);
  v("protocol_type", protocol_type);
  v("protocol_data", protocol_data);
  v("members", members);
  v("authorized_operations", authorized_operations, since(3));
  v.end();
}

void DescribeGroupsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("groups", groups);
  v.end();
}

}  // namespace horolog::wire
