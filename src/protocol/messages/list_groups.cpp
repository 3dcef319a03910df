#include "protocol/messages/list_groups.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ListGroupsRequest::describe(Visitor& v) {
  v("states_filter", states_filter, since(4));
  v("types_filter", types_filter, since(5));
  v.end();
}

void ListGroupsResponse::Group::describe(Visitor& v) {
  v("group_id", group_id);
  v("protocol_type", protocol_type);
  v("group_state", group_state, since(4).ignorable());
  v("group_type", group_type, since(5).ignorable());
  v.end();
}

void ListGroupsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms, since(1).ignorable());
  v("error_code", error_code);
  v("groups", groups);
  v.end();
}

}  // namespace horolog::wire
