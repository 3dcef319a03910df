#include "protocol/messages/describe_configs.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeConfigsRequest::Resource::describe(Visitor& v) {
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("configuration_keys", configuration_keys);
  v.end();
}

void DescribeConfigsRequest::describe(Visitor& v) {
  v("resources", resources);
  v("include_synonyms", include_synonyms, since(1));
  v("include_documentation", include_documentation, since(3));
  v.end();
}

void DescribeConfigsResponse::Synonym::describe(Visitor& v) {
  v("name", name, since(1));
  v("value", value, since(1));
  v("source", source, since(1));
  v.end();
}

void DescribeConfigsResponse::Config::describe(Visitor& v) {
  v("name", name);
  v("value", value);
  v("read_only", read_only);
  v("config_source", config_source, since(1).ignorable());
  v("is_sensitive", is_sensitive);
  v("synonyms", synonyms, since(1).ignorable());
  v("config_type", config_type, since(3).ignorable());
  v("documentation", documentation, since(3).ignorable());
  v.end();
}

void DescribeConfigsResponse::Resource::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("resource_type", resource_type);
  v("resource_name", resource_name);
  v("configs", configs);
  v.end();
}

void DescribeConfigsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
