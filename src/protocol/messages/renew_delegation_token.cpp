#include "protocol/messages/renew_delegation_token.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void RenewDelegationTokenRequest::describe(Visitor& v) {
  v("hmac", hmac);
  v("renew_period_ms", renew_period_ms);
  v.end();
}

void RenewDelegationTokenResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("expiry_timestamp_ms", expiry_timestamp_ms);
  v("throttle_time_ms", throttle_time_ms);
  v.end();
}

}  // namespace horolog::wire
