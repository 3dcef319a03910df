#include "protocol/messages/describe_delegation_token.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeDelegationTokenRequest::Owner::describe(Visitor& v) {
  v("principal_type", principal_type);
  v("principal_name", principal_name);
  v.end();
}

void DescribeDelegationTokenRequest::describe(Visitor& v) {
  v("owners", owners);
  v.end();
}

void DescribeDelegationTokenResponse::Renewer::describe(Visitor& v) {
  v("principal_type", principal_type);
  v("principal_name", principal_name);
  v.end();
}

void DescribeDelegationTokenResponse::Token::describe(Visitor& v) {
  v("principal_type", principal_type);
  v("principal_name", principal_name);
  v("token_requester_principal_type", token_requester_principal_type, since(3));
  v("token_requester_principal_name", token_requester_principal_name, since(3));
  v("issue_timestamp", issue_timestamp);
  v("expiry_timestamp", expiry_timestamp);
  v("max_timestamp", max_timestamp);
  v("token_id", token_id);
  v("hmac", hmac);
  v("renewers", renewers);
  v.end();
}

void DescribeDelegationTokenResponse::describe(Visitor& v) {
  v("error_code", error_code);
  v("tokens", tokens);
  v("throttle_time_ms", throttle_time_ms);
  v.end();
}

}  // namespace horolog::wire
