#include "protocol/messages/describe_user_scram_credentials.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void DescribeUserScramCredentialsRequest::User::describe(Visitor& v) {
  v("name", name);
  v.end();
}

void DescribeUserScramCredentialsRequest::describe(Visitor& v) {
  v("users", users);
  v.end();
}

void DescribeUserScramCredentialsResponse::Credential::describe(Visitor& v) {
  v("mechanism", mechanism);
  v("iterations", iterations);
  v.end();
}

void DescribeUserScramCredentialsResponse::Result::describe(Visitor& v) {
  v("user", user);
  v("error_code", error_code);
  v("error_message", error_message);
  v("credential_infos", credential_infos);
  v.end();
}

void DescribeUserScramCredentialsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("error_code", error_code);
  v("error_message", error_message);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
