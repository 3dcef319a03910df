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
  response.finalized_features_epoch = context.catalog()->metadata_offset;
  request.reply(response);
}

}  // namespace horolog::broker
