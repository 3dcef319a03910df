#include "protocol/messages/expire_delegation_token.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void ExpireDelegationTokenRequest::describe(Visitor& v) {
  v("hmac", hmac);
  v("expiry_time_period_ms", expiry_time_period_ms);
  v.end();
}

void ExpireDelegationTokenResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("expiry_timestamp_ms", expiry_timestamp_ms);
  v("throttle_time_ms", throttle_time_ms);
  v.end();
}

}  // namespace horolog::wire
