#include "protocol/messages/delete_groups.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DeleteGroupsRequest::describe(Visitor& v) {
  v("groups_names", groups_names);
  v.end();
}

void DeleteGroupsResponse::Group::describe(Visitor& v) {
  v("group_id", group_id);
  v("error_code", error_code);
  v.end();
}

void DeleteGroupsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
