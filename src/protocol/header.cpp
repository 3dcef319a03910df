#include "protocol/header.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void RequestHeader::describe(Visitor& v) {
  v("request_api_key", api_key);
  v("request_api_version", api_version);
  v("correlation_id", correlation_id);
  v("client_id", client_id, since(1).never_compact());
  v.end();
}

void ResponseHeader::describe(Visitor& v) {
  v("correlation_id", correlation_id);
  v.end();
}

}  // namespace horolog::wire
