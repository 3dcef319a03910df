#include "protocol/messages/create_acls.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void CreateAclsRequest::Creation::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("resource_pattern_type", resource_pattern_type);
  v("principal", principal);
  v("host", host);
  v("operation", operation);
  v("permission_type", permission_type);
  v.end();
}

void CreateAclsRequest::describe(Visitor& v) {
  v("creations", creations);
  v.end();
}

void CreateAclsResponse::Result::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void CreateAclsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
