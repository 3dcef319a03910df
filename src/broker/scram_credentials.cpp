// DescribeUserScramCredentials and AlterUserScramCredentials 0. There is no authentication, so no
// user has a credential. Differs from Apache Kafka: a credential is refused instead of stored,
// since it would protect nothing.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "broker/handlers.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/alter_user_scram_credentials.hpp"
#include "protocol/messages/describe_user_scram_credentials.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Alter = wire::AlterUserScramCredentialsRequest;

/// SCRAM-SHA-256 and SCRAM-SHA-512.
constexpr std::int8_t last_mechanism = 2;
constexpr std::int32_t fewest_iterations = 4096;
constexpr std::int32_t most_iterations = 16384;

std::optional<Refusal> check_key(const std::string& name, std::int8_t mechanism) {
  if (name.empty())
    return Refusal{ErrorCode::unacceptable_credential, "Username must not be empty"};
  if (mechanism < 1 || mechanism > last_mechanism) {
    return Refusal{ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism"};
  }
  return std::nullopt;
}

Refusal refuse(const Alter::Deletion& asked) {
  if (auto refused = check_key(asked.name, asked.mechanism)) return *refused;
  return {ErrorCode::resource_not_found, "Attempt to delete a user credential that does not exist"};
}

Refusal refuse(const Alter::Upsertion& asked) {
  if (auto refused = check_key(asked.name, asked.mechanism)) return *refused;
  if (asked.iterations < fewest_iterations) {
    return {ErrorCode::unacceptable_credential, "Too few iterations"};
  }
  if (asked.iterations > most_iterations) {
    return {ErrorCode::unacceptable_credential, "Too many iterations"};
  }
  return {ErrorCode::security_disabled,
          "This broker does not authenticate anybody: a credential would protect nothing."};
}

}  // namespace

void handle_describe_user_scram_credentials(Context&, Request request) {
  const auto asked = request.decode<wire::DescribeUserScramCredentialsRequest>();
  if (!asked) return;
  wire::DescribeUserScramCredentialsResponse response;
  std::map<std::string, int> users;
  if (asked->users) {
    for (const auto& user : *asked->users) ++users[user.name];
  }
  for (const auto& [name, times] : users) {
    auto& out = response.results.emplace_back();
    out.user = name;
    out.error_code = times > 1 ? ErrorCode::duplicate_resource : ErrorCode::resource_not_found;
    out.error_message =
        (times > 1 ? "Cannot describe SCRAM credentials for the same user twice in a single "
                     "request: "
                   : "Attempt to describe a user credential that does not exist: ") +
        name;
  }
  request.reply(response);
}

void handle_alter_user_scram_credentials(Context&, Request request) {
  const auto asked = request.decode<Alter>();
  if (!asked) return;
  wire::AlterUserScramCredentialsResponse response;
  std::map<std::string, Refusal> refused;  // the first reason of each user
  for (const auto& deletion : asked->deletions)
    refused.try_emplace(deletion.name, refuse(deletion));
  for (const auto& upsertion : asked->upsertions) {
    refused.try_emplace(upsertion.name, refuse(upsertion));
  }
  for (auto& [name, reason] : refused) {
    response.results.push_back(
        {.user = name, .error_code = reason.code, .error_message = std::move(reason.message)});
  }
  request.reply(response);
}

}  // namespace horolog::broker
