// DescribeClientQuotas 0–1. There are no quotas, so nothing but a filter that is wrong gives more
// than an empty list. AlterClientQuotas is not served: a quota that is not kept would be a lie.

#include <fmt/format.h>

#include <set>
#include <utility>

#include "broker/handlers.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/describe_client_quotas.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Component = wire::DescribeClientQuotasRequest::Component;

enum Match : std::int8_t { exact = 0, default_entity = 1, any = 2 };

std::optional<Refusal> check_match(const Component& component) {
  const auto invalid = [](std::string text) {
    return Refusal{ErrorCode::invalid_request, std::move(text)};
  };
  switch (component.match_type) {
    case exact:
      if (component.match) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
    case default_entity:
      if (!component.match) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
    case any:
      if (!component.match) return std::nullopt;
      return invalid("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
    default:
      return invalid(fmt::format("Unknown match type {}", component.match_type));
  }
}

std::optional<Refusal> check_filter(const std::vector<Component>& components) {
  std::set<std::string> types;
  for (const Component& component : components) {
    const std::string& type = component.entity_type;
    if (type.empty()) return Refusal{ErrorCode::invalid_request, "Invalid empty entity type."};
    if (types.contains(type)) {
      return Refusal{
          ErrorCode::invalid_request,
          fmt::format("Entity type {} cannot appear more than once in the filter.", type)};
    }
    if (type != "user" && type != "client-id" && type != "ip") {
      return Refusal{ErrorCode::unsupported_version,
                     fmt::format("Unsupported entity type {}", type)};
    }
    if (auto refused = check_match(component)) return refused;
    types.insert(type);
  }
  if (types.contains("ip") && types.size() > 1) {
    return Refusal{ErrorCode::invalid_request,
                   "Invalid entity filter component combination. IP filter component should not "
                   "be used with user or clientId filter component."};
  }
  return std::nullopt;
}

}  // namespace

void handle_describe_client_quotas(Context&, Request request) {
  const auto asked = request.decode<wire::DescribeClientQuotasRequest>();
  if (!asked) return;
  wire::DescribeClientQuotasResponse response;
  if (auto refused = check_filter(asked->components)) {
    response.error_code = refused->code;
    response.error_message = std::move(refused->message);
    response.entries.reset();
  }
  request.reply(response);
}

}  // namespace horolog::broker
