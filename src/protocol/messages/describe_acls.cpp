#include "protocol/messages/describe_acls.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeAclsRequest::describe(Visitor& v) {
  v("resource_type_filter", resource_type_filter);
  v("resource_name_filter", resource_name_filter);
  v("pattern_type_filter", pattern_type_filter);
  v("principal_filter", principal_filter);
  v("host_filter", host_filter);
  v("operation", operation);
  v("permission_type", permission_type);
  v.end();
}

void DescribeAclsResponse::Acl::describe(Visitor& v) {
  v("principal", principal);
  v("host", host);
  v("operation", operation);
  v("permission_type", permission_type);
  v.end();
}

void DescribeAclsResponse::Resource::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("pattern_type", pattern_type);
  v("acls", acls);
  v.end();
}

void DescribeAclsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("resources", resources);
  v.end();
}

}  // namespace horolog::wire
