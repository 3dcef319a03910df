// DescribeAcls, CreateAcls and DeleteAcls 1–3, as Apache Kafka without an authorizer answers them:
// everything is allowed to everybody, and there are no rules to see or change.

#include "broker/handlers.hpp"
#include "protocol/messages/create_acls.hpp"
#include "protocol/messages/delete_acls.hpp"
#include "protocol/messages/describe_acls.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr char no_authorizer[] = "No Authorizer is configured.";

}  // namespace

void handle_describe_acls(Context&, Request request) {
  if (!request.decode<wire::DescribeAclsRequest>()) return;
  wire::DescribeAclsResponse response;
  response.error_code = ErrorCode::security_disabled;
  response.error_message = no_authorizer;
  request.reply(response);
}

void handle_create_acls(Context&, Request request) {
  const auto asked = request.decode<wire::CreateAclsRequest>();
  if (!asked) return;
  wire::CreateAclsResponse response;
  response.results.assign(asked->creations.size(), {.error_code = ErrorCode::security_disabled,
                                                    .error_message = no_authorizer});
  request.reply(response);
}

void handle_delete_acls(Context&, Request request) {
  const auto asked = request.decode<wire::DeleteAclsRequest>();
  if (!asked) return;
  wire::DeleteAclsResponse response;
  wire::DeleteAclsResponse::Result refused;
  refused.error_code = ErrorCode::security_disabled;
  refused.error_message = no_authorizer;
  response.filter_results.assign(asked->filters.size(), refused);
  request.reply(response);
}

}  // namespace horolog::broker
