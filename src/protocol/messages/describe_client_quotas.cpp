#include "protocol/messages/describe_client_quotas.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeClientQuotasRequest::Component::describe(Visitor& v) {
  v("entity_type", entity_type);
  v("match_type", match_type);
  v("match", match);
  v.end();
}

void DescribeClientQuotasRequest::describe(Visitor& v) {
  v("components", components);
  v("strict", strict);
  v.end();
}

void DescribeClientQuotasResponse::Entity::describe(Visitor& v) {
  v("entity_type", entity_type);
  v("entity_name", entity_name);
  v.end();
}

void DescribeClientQuotasResponse::Value::describe(Visitor& v) {
  v("key", key);
  v("value", value);
  v.end();
}

void DescribeClientQuotasResponse::Entry::describe(Visitor& v) {
  v("entity", entity);
  v("values", values);
  v.end();
}

void DescribeClientQuotasResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("entries", entries);
  v.end();
}

}  // namespace horolog::wire
