// CreateDelegationToken 1–3, RenewDelegationToken 1–2, ExpireDelegationToken 1–2 and
// DescribeDelegationToken 1–3. A token stands for somebody who was authenticated; over a connection
// that was not, Apache Kafka refuses all four, and so does this.

#include <string>
#include <string_view>

#include "broker/handlers.hpp"
#include "protocol/messages/create_delegation_token.hpp"
#include "protocol/messages/describe_delegation_token.hpp"
#include "protocol/messages/expire_delegation_token.hpp"
#include "protocol/messages/renew_delegation_token.hpp"

namespace horolog::broker {
namespace {

constexpr auto refused = wire::ErrorCode::delegation_token_request_not_allowed;
constexpr std::int64_t no_time = -1;
constexpr std::int16_t first_version_with_requester = 3;

}  // namespace

void handle_create_delegation_token(Context&, Request request) {
  if (!request.decode<wire::CreateDelegationTokenRequest>()) return;
  wire::CreateDelegationTokenResponse response;
  response.error_code = refused;
  const std::string& principal = request.connection->principal;
  const std::size_t colon = principal.find(':');
  response.principal_type = principal.substr(0, colon);
  response.principal_name = principal.substr(colon + 1);
  if (request.version() >= first_version_with_requester) {
    response.token_requester_principal_type = response.principal_type;
    response.token_requester_principal_name = response.principal_name;
  }
  response.issue_timestamp_ms = no_time;
  response.expiry_timestamp_ms = no_time;
  response.max_timestamp_ms = no_time;
  request.reply(response);
}

void handle_renew_delegation_token(Context&, Request request) {
  if (!request.decode<wire::RenewDelegationTokenRequest>()) return;
  wire::RenewDelegationTokenResponse response;
  response.error_code = refused;
  response.expiry_timestamp_ms = no_time;
  request.reply(response);
}

void handle_expire_delegation_token(Context&, Request request) {
  if (!request.decode<wire::ExpireDelegationTokenRequest>()) return;
  wire::ExpireDelegationTokenResponse response;
  response.error_code = refused;
  response.expiry_timestamp_ms = no_time;
  request.reply(response);
}

void handle_describe_delegation_token(Context&, Request request) {
  if (!request.decode<wire::DescribeDelegationTokenRequest>()) return;
  wire::DescribeDelegationTokenResponse response;
  response.error_code = refused;
  request.reply(response);
}

}  // namespace horolog::broker
