// AlterConfigs 0–2 (replaces all configurations of a resource) and IncrementalAlterConfigs 0–1
// (set, delete, append, subtract). What is good in a request is stored in one change, with one
// sync. Differs from Apache Kafka: of a broker's settings only those can change that are defaults
// of topic configurations, and unknown ones are refused.

#include <map>
#include <utility>
#include <vector>

#include "broker/config_changes.hpp"
#include "broker/handlers.hpp"
#include "broker/on_pool.hpp"
#include "broker/refusals.hpp"
#include "broker/topic_manager.hpp"
#include "protocol/messages/alter_configs.hpp"
#include "protocol/messages/incremental_alter_configs.hpp"

namespace horolog::broker {
namespace {

using wire::ErrorCode;

std::vector<ResourceEdits> edits_of(const wire::IncrementalAlterConfigsRequest& asked) {
  std::vector<ResourceEdits> out;
  for (const auto& resource : asked.resources) {
    ResourceEdits& edits = out.emplace_back();
    edits.type = resource.resource_type;
    edits.name = resource.resource_name;
    for (const auto& config : resource.configs) {
      edits.edits.push_back(
          {config.name, static_cast<ConfigOperation>(config.config_operation), config.value});
    }
  }
  return out;
}

std::vector<ResourceEdits> edits_of(const wire::AlterConfigsRequest& asked) {
  std::vector<ResourceEdits> out;
  for (const auto& resource : asked.resources) {
    ResourceEdits& edits = out.emplace_back();
    edits.type = resource.resource_type;
    edits.name = resource.resource_name;
    edits.replace_all = true;
    for (const auto& config : resource.configs) {
      edits.edits.push_back({config.name, ConfigOperation::set, config.value});
    }
  }
  return out;
}

/// One outcome per resource, in order.
std::vector<std::optional<Refusal>> change(Context& context,
                                           const std::vector<ResourceEdits>& asked,
                                           bool validate_only) {
  const auto catalog = context.catalog();
  std::map<std::pair<std::int8_t, std::string>, int> times;
  for (const ResourceEdits& resource : asked) ++times[{resource.type, resource.name}];
  std::vector<std::optional<Refusal>> outcomes;
  std::vector<storage::Catalog::ConfigChange> changes;
  std::vector<std::size_t> planned;
  for (const ResourceEdits& resource : asked) {
    if (times[{resource.type, resource.name}] > 1) {
      outcomes.emplace_back(
          Refusal{ErrorCode::invalid_request, "Each resource must appear at most once."});
      continue;
    }
    if (resource.type == resource_type::broker_logger && !resource.replace_all) {
      outcomes.push_back(change_loggers(catalog->node_id, resource, validate_only));
      continue;
    }
    PlannedChanges plan = plan_changes(context, *catalog, resource);
    if (!plan.refused) planned.push_back(outcomes.size());
    outcomes.push_back(std::move(plan.refused));
    changes.insert(changes.end(), std::make_move_iterator(plan.changes.begin()),
                   std::make_move_iterator(plan.changes.end()));
  }
  if (validate_only || changes.empty()) return outcomes;
  if (const Status changed = context.topics.change_configs(changes); !changed) {
    for (const std::size_t i : planned) outcomes[i] = refusal_of(changed.error());
  }
  return outcomes;
}

template <typename Response, typename Asked>
void alter(Context& context, Request request, const Asked& asked) {
  auto outcomes = change(context, edits_of(asked), asked.validate_only);
  Response response;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto& out = response.responses.emplace_back();
    out.resource_type = asked.resources[i].resource_type;
    out.resource_name = asked.resources[i].resource_name;
    out.error_message = std::nullopt;
    if (!outcomes[i]) continue;
    log_refused(context, {static_cast<wire::ApiKey>(request.header.api_key), request.who(),
                          "resource", out.resource_name, outcomes[i]->code,
                          outcomes[i]->message.value_or("")});
    out.error_code = outcomes[i]->code;
    out.error_message = std::move(outcomes[i]->message);
  }
  request.reply(response);
}

}  // namespace

void handle_alter_configs(Context& context, Request request) {
  auto asked = request.decode<wire::AlterConfigsRequest>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked),
          alter<wire::AlterConfigsResponse, wire::AlterConfigsRequest>);
}

void handle_incremental_alter_configs(Context& context, Request request) {
  auto asked = request.decode<wire::IncrementalAlterConfigsRequest>();
  if (!asked) return;
  on_pool(context, std::move(request), std::move(*asked),
          alter<wire::IncrementalAlterConfigsResponse, wire::IncrementalAlterConfigsRequest>);
}

}  // namespace horolog::broker
