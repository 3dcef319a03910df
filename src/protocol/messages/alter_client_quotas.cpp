#include "protocol/messages/alter_client_quotas.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AlterClientQuotasRequest::Entity::describe(Visitor& v) {
  v("entity_type", entity_type);
  v("entity_name", entity_name);
  v.end();
}

void AlterClientQuotasRequest::Operation::describe(Visitor& v) {
  v("key", key);
  v("value", value);
  v("remove", remove);
  v.end();
}

void AlterClientQuotasRequest::Entry::describe(Visitor& v) {
  v("entity", entity);
  v("ops", ops);
  v.end();
}

void AlterClientQuotasRequest::describe(Visitor& v) {
  v("entries", entries);
  v("validate_only", validate_only);
  v.end();
}

void AlterClientQuotasResponse::Entity::describe(Visitor& v) {
  v("entity_type", entity_type);
  v("entity_name", entity_name);
  v.end();
}

void AlterClientQuotasResponse::Entry::describe(Visitor& v) {
  v("error_code", error_code);
  v("error_message", error_message);
  v("entity", entity);
  v.end();
}

void AlterClientQuotasResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("entries", entries);
  v.end();
}

}  // namespace horolog::wire
