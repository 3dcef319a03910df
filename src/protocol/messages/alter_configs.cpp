#include "protocol/messages/alter_configs.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AlterConfigsRequest::Config::describe(Visitor& v) {
  v("name", name);
  v("value", value);
  v.end();
}

void AlterConfigsRequest::Resource::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("configs", configs);
  v.end();
}

void AlterConfigsRequest::describe(Visitor& v) {
  v("resources", resources);
  v("validate_only", validate_only);
  v.end();
}

void AlterConfigsResponse::Resource::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v.end();
}

void AlterConfigsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("responses", responses);
  v.end();
}

}  // namespace horolog::wire
