// ApiVersions 0–4 (KIP-511). An unknown version is answered in version 0 with this API's own range,
// without reading the body; dispatch.cpp routes it here. Features with a minimum of 0 are left out
// below version 4 (KAFKA-17011).

#include <algorithm>
#include <cctype>

#include "broker/handlers.hpp"
#include "protocol/api_table.hpp"
#include "protocol/messages/api_versions.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

constexpr char transaction_version[] = "transaction.version";
constexpr std::int16_t highest_transaction_version = 2;

/// `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?`
bool is_software_text(std::string_view text) {
  const auto alnum = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || !alnum(text.front()) || !alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alnum(c) || c == '-' || c == '.'; });
}

void add_apis(wire::ApiVersionsResponse& response) {
  for (const wire::ApiRow& api : wire::served_apis()) {
    auto& out = response.api_keys.emplace_back();
    out.api_key = static_cast<std::int16_t>(api.key);
    out.min_version = api.advertised.min;
    out.max_version = api.advertised.max;
  }
}

/// Clients go by transaction.version: from level 2 on they follow KIP-890. The features that only
/// brokers go by are left out.
void add_features(const storage::CatalogSnapshot& catalog, std::int16_t version,
                  wire::ApiVersionsResponse& response) {
  constexpr std::int16_t first_version_with_zero = 4;
  response.finalized_features_epoch = catalog.metadata_offset;
  if (version >= first_version_with_zero) {
    response.supported_features.push_back({transaction_version, 0, highest_transaction_version});
  }
  const auto level = catalog.features.find(transaction_version);
  if (level == catalog.features.end()) return;
  response.finalized_features.push_back({transaction_version, level->second, level->second});
}

}  // namespace

void handle_api_versions(Context& context, Request request) {
  wire::ApiVersionsResponse response;
  const auto served = wire::find_api(wire::ApiKey::api_versions);
  if (request.version() > served->advertised.max || request.version() < 0) {
    response.error_code = ErrorCode::unsupported_version;
    auto& out = response.api_keys.emplace_back();
    out.api_key = static_cast<std::int16_t>(wire::ApiKey::api_versions);
    out.min_version = served->advertised.min;
    out.max_version = served->advertised.max;
    request.header.api_version = 0;
    request.reply(response);
    return;
  }
  auto asked = request.decode<wire::ApiVersionsRequest>();
  if (!asked) return;
  if (request.version() >= 3) {
    if (!is_software_text(asked->client_software_name) ||
        !is_software_text(asked->client_software_version)) {
      response.error_code = ErrorCode::invalid_request;
      request.reply(response);
      return;
    }
    request.connection->client_software_name = asked->client_software_name;
    request.connection->client_software_version = asked->client_software_version;
  }
  add_apis(response);
  add_features(*context.catalog(), request.version(), response);
  request.reply(response);
}

}  // namespace horolog::broker
