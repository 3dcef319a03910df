// ListConfigResources 0–1: what DescribeConfigs can be asked about. Version 0 asks for client
// metrics alone, which do not exist here.

#include <algorithm>
#include <set>

#include "broker/handlers.hpp"
#include "protocol/messages/list_config_resources.hpp"

namespace horolog::broker {
namespace {

enum Resource : std::int8_t {
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32
};
constexpr Resource all_types[] = {topic, broker, broker_logger, client_metrics, group};
constexpr std::int16_t first_version_with_types = 1;

std::vector<std::string> names_of(const storage::CatalogSnapshot& catalog, std::int8_t type) {
  std::vector<std::string> names;
  if (type == topic) {
    for (const auto& [name, info] : catalog.topics) names.push_back(name);
  } else if (type == broker || type == broker_logger) {
    names.push_back(std::to_string(catalog.node_id));
  } else if (type == group) {
    for (const auto& [name, configs] : catalog.group_configs) {
      if (!configs.empty()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace

void handle_list_config_resources(Context& context, Request request) {
  const auto asked = request.decode<wire::ListConfigResourcesRequest>();
  if (!asked) return;
  wire::ListConfigResourcesResponse response;
  std::set<std::int8_t> types(asked->resource_types.begin(), asked->resource_types.end());
  if (request.version() < first_version_with_types) {
    types = {client_metrics};
  } else if (types.empty()) {
    types = {std::begin(all_types), std::end(all_types)};
  }
  const bool all_known = std::all_of(types.begin(), types.end(), [](std::int8_t type) {
    return std::find(std::begin(all_types), std::end(all_types), type) != std::end(all_types);
  });
  if (!all_known) {
    response.error_code = wire::ErrorCode::unsupported_version;
    request.reply(response);
    return;
  }
  const auto catalog = context.catalog();
  for (const std::int8_t type : types) {
    for (std::string& name : names_of(*catalog, type)) {
      response.config_resources.push_back(
          {.resource_name = std::move(name), .resource_type = type});
    }
  }
  request.reply(response);
}

}  // namespace horolog::broker
