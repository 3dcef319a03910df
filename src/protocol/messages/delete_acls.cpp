#include "protocol/messages/delete_acls.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DeleteAclsRequest::Filter::describe(Visitor& v) {
  v("resource_type_filter", resource_type_filter);
  v("resource_name_filter", resource_name_filter);
  v("pattern_type_filter", pattern_type_filter);
  v("principal_filter", principal_filter);
  v("host_filter", host_filter);
  v("operation", operation);
  v("permission_type", permission_type);
  v.end();
}

void DeleteAclsRequest::describe(Visitor& v) {
  v("filters", filters);
  v.end();
}

void DeleteAclsResponse::Match::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("pattern_type", pattern_type);
  v("principal", principal);
  v("host", host);
  v("operation", operation);
  v("permission_type", permission_type);
  v.end();
}

void DeleteAclsResponse::Result::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("matching_acls", matching_acls);
  v.end();
}

void DeleteAclsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("filter_results", filter_results);
  v.end();
}

}  // namespace horolog::wire
