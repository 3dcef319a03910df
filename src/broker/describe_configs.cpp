// DescribeConfigs 1–4, for topics (2), brokers (4), broker loggers (8) and groups (32). An empty
// broker name asks for what AlterConfigs set for the whole cluster. Differs from Apache Kafka:
// there is one logger, "root", and no client metrics (16).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "broker/config_view.hpp"
#include "broker/handlers.hpp"
#include "broker/topic_manager.hpp"
#include "broker/topic_rules.hpp"
#include "protocol/messages/describe_configs.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;
using Asked = wire::DescribeConfigsRequest;
using Response = wire::DescribeConfigsResponse;

enum Resource : std::int8_t { topic = 2, broker = 4, broker_logger = 8, group = 32 };

constexpr char malformed[] =
    "This most likely occurs because of a request being malformed by the client library or the "
    "message was sent to an incompatible broker. See the broker logs for more details.";

bool is_known(std::int8_t type) {
  return type == topic || type == broker || type == broker_logger || type == group;
}

std::optional<Refusal> check_broker_name(const std::string& name, std::int32_t node_id,
                                         std::string_view expected) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) {
    return Refusal{ErrorCode::invalid_request,
                   fmt::format("Broker id must be an integer, but it is: {}", name)};
  }
  if (id == node_id) return std::nullopt;
  return Refusal{ErrorCode::invalid_request, fmt::format("Unexpected broker id, expected {}{} but "
                                                         "received {}",
                                                         node_id, expected, name)};
}

struct Found {
  std::vector<ConfigView> configs;
  std::optional<Refusal> refused;
};

Found find_topic(const Context& context, const storage::CatalogSnapshot& catalog,
                 const std::string& name) {
  if (auto problem = topic_name_problem(name)) {
    return {{}, Refusal{ErrorCode::invalid_topic_exception, std::move(problem)}};
  }
  const auto info = catalog.find(name);
  if (info == nullptr) return {{}, Refusal{ErrorCode::unknown_topic_or_partition, ""}};
  return {describe_topic_configs(context, catalog, info->configs), std::nullopt};
}

Found find_configs(const Context& context, const storage::CatalogSnapshot& catalog,
                   const Asked::Resource& asked) {
  const std::string& name = asked.resource_name;
  switch (asked.resource_type) {
    case topic:
      return find_topic(context, catalog, name);
    case broker:
      if (name.empty()) return {describe_cluster_configs(context, catalog), std::nullopt};
      if (auto refused = check_broker_name(name, catalog.node_id, " or empty string,")) {
        return {{}, std::move(refused)};
      }
      return {describe_broker_configs(context, catalog), std::nullopt};
    case broker_logger:
      if (name.empty()) {
        return {{}, Refusal{ErrorCode::invalid_request, "Broker id must not be empty"}};
      }
      if (auto refused = check_broker_name(name, catalog.node_id, "")) {
        return {{}, std::move(refused)};
      }
      return {describe_loggers(), std::nullopt};
    default:
      if (name.empty()) {
        return {{}, Refusal{ErrorCode::invalid_request, "Group name must not be empty"}};
      }
      return {describe_group_configs(catalog, name), std::nullopt};
  }
}

bool is_wanted(const Asked::Resource& asked, const std::string& name) {
  // Null asks for everything, and so does an empty list, as in Apache Kafka.
  const auto& keys = asked.configuration_keys;
  return !keys || keys->empty() || std::find(keys->begin(), keys->end(), name) != keys->end();
}

Response::Config to_wire(ConfigView view, const Asked& asked) {
  Response::Config out;
  out.name = std::move(view.name);
  out.value = std::move(view.value);
  out.read_only = view.read_only;
  out.config_source = static_cast<std::int8_t>(view.source);
  out.is_sensitive = view.sensitive;
  out.config_type = view.type;
  out.documentation = std::nullopt;
  if (asked.include_documentation) out.documentation = std::move(view.documentation);
  if (!asked.include_synonyms) return out;
  for (ConfigSynonym& synonym : view.synonyms) {
    out.synonyms.push_back({.name = std::move(synonym.name),
                            .value = std::move(synonym.value),
                            .source = static_cast<std::int8_t>(synonym.source)});
  }
  return out;
}

}  // namespace

void handle_describe_configs(Context& context, Request request) {
  const auto asked = request.decode<Asked>();
  if (!asked) return;
  const auto catalog = context.catalog();
  const bool all_known =
      std::all_of(asked->resources.begin(), asked->resources.end(),
                  [](const auto& resource) { return is_known(resource.resource_type); });
  Response response;
  for (const auto& resource : asked->resources) {
    Response::Resource& out = response.results.emplace_back();
    out.resource_type = resource.resource_type;
    out.resource_name = resource.resource_name;
    if (!all_known) {
      // One unknown type fails the whole request.
      out.error_code = ErrorCode::invalid_request;
      out.error_message = malformed;
      continue;
    }
    Found found = find_configs(context, *catalog, resource);
    if (found.refused) {
      out.error_code = found.refused->code;
      out.error_message = std::move(found.refused->message);
      continue;
    }
    for (ConfigView& view : found.configs) {
      if (is_wanted(resource, view.name)) out.configs.push_back(to_wire(std::move(view), *asked));
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
