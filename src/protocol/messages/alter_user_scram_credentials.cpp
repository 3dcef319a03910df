#include "protocol/messages/alter_user_scram_credentials.hpp"

#include "protocol/visitor.hpp"

namespace horolog::wire {

void AlterUserScramCredentialsRequest::Deletion::describe(Visitor& v) {
  v("name", name);
  v("mechanism", mechanism);
  v.end();
}

void AlterUserScramCredentialsRequest::Upsertion::describe(Visitor& v) {
  v("name", name);
  v("mechanism", mechanism);
  v("iterations", iterations);
  v("salt", salt);
  v("salted_password", salted_password);
  v.end();
}

void AlterUserScramCredentialsRequest::describe(Visitor& v) {
  v("deletions", deletions);
  v("upsertions", upsertions);
  v.end();
}

void AlterUserScramCredentialsResponse::Result::describe(Visitor& v) {
  v("user", user);
  v("error_code", error_code);
  v("error_message", error_message);
  v.end();
}

void AlterUserScramCredentialsResponse::describe(Visitor& v) {
  v("throttle_time_ms", throttle_time_ms);
  v("results", results);
  v.end();
}

}  // namespace horolog::wire
