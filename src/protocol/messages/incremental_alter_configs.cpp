#include "protocol/messages/incremental_alter_configs.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void IncrementalAlterConfigsRequest::Config::describe(Visitor& v) {
  v("name", name);
  v("config_operation", config_operation);
  v("value", value);
  v.end();
}

void IncrementalAlterConfigsRequest::Resource::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("configs", configs);
  v.end();
}

void IncrementalAlterConfigsRequest::describe(Visitor& v) {
  v("resources", resources);
  v("validate_only", validate_only);
  v.end();
}

void IncrementalAlterConfigsResponse::Resource::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v.end();
}

void IncrementalAlterConfigsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("responses", responses);
  v.end();
}

}  // namespace horolog::wire
