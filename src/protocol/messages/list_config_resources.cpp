#include "protocol/messages/list_config_resources.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ListConfigResourcesRequest::describe(Visitor& v) {
  v("resource_types", resource_types, since(1));
  v.end();
}

void ListConfigResourcesResponse::Resource::describe(Visitor& v) {
  v("resource_name", resource_name);
  v("resource_type", resource_type, since(1).ignorable());
  v.end();
}

void ListConfigResourcesResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("config_resources", config_resources);
  v.end();
}

}  // namespace horolog::wire
