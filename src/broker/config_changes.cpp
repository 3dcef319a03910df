#include "broker/config_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "broker/config_view.hpp"
#include "broker/group_config.hpp"
#include "broker/topic_manager.hpp"
#include "storage/topic_config.hpp"

namespace horolog::broker {
namespace {

using storage::CatalogSnapshot;
using wire::ErrorCode;
using Values = std::map<std::string, std::string>;

Refusal invalid_request(std::string text) { return {ErrorCode::invalid_request, std::move(text)}; }

/// What is wrong with the request itself, whatever the resource.
std::optional<Refusal> check_form(const ResourceEdits& asked) {
  std::vector<std::string> nulls;
  std::set<std::string> names;
  bool repeated = false;
  for (const ConfigEdit& edit : asked.edits) {
    if (edit.operation != ConfigOperation::remove && !edit.value) nulls.push_back(edit.name);
    repeated |= !names.insert(edit.name).second;
  }
  if (!nulls.empty()) {
    return invalid_request(fmt::format("Null value not supported for : {}", fmt::join(nulls, ",")));
  }
  if (repeated) return invalid_request("Error due to duplicate config keys");
  return std::nullopt;
}

std::optional<Refusal> check_node(const std::string& name, std::int32_t node_id) {
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) {
    return invalid_request(fmt::format("Node id must be an integer, but it is: {}", name));
  }
  if (id == node_id) return std::nullopt;
  return invalid_request(
      fmt::format("Unexpected broker id, expected {}, but received {}", node_id, name));
}

/// Names of settings that AlterConfigs cannot change.
std::optional<Refusal> check_dynamic(const ResourceEdits& asked) {
  std::vector<std::string_view> fixed;
  for (const ConfigEdit& edit : asked.edits) {
    if (!is_dynamic_broker_config(edit.name)) fixed.push_back(edit.name);
  }
  if (fixed.empty()) return std::nullopt;
  return invalid_request(
      fmt::format("Cannot update these configs dynamically: [{}]", fmt::join(fixed, ", ")));
}

std::optional<Refusal> check_resource(const CatalogSnapshot& catalog, const ResourceEdits& asked) {
  switch (asked.type) {
    case resource_type::topic:
      if (asked.name.empty()) return invalid_request("Default topic resources are not allowed.");
      if (auto problem = topic_name_problem(asked.name)) {
        return Refusal{ErrorCode::invalid_topic_exception, std::move(problem)};
      }
      if (catalog.find(asked.name) == nullptr) {
        return Refusal{ErrorCode::unknown_topic_or_partition,
                       fmt::format("The topic '{}' does not exist.", asked.name)};
      }
      return std::nullopt;
    case resource_type::broker:
      if (!asked.name.empty()) {
        if (auto refused = check_node(asked.name, catalog.node_id)) return refused;
      }
      return check_dynamic(asked);
    case resource_type::group:
      if (asked.name.empty()) return invalid_request("Default group resources are not allowed.");
      return std::nullopt;
    default:
      return invalid_request(fmt::format("Unknown resource type {}", static_cast<int>(asked.type)));
  }
}

const Values& stored_values(const CatalogSnapshot& catalog, const ResourceEdits& asked) {
  static const Values none;
  if (asked.type == resource_type::topic) return catalog.find(asked.name)->configs;
  if (asked.type == resource_type::broker) {
    return asked.name.empty() ? catalog.cluster_configs : catalog.broker_configs;
  }
  const auto found = catalog.group_configs.find(asked.name);
  return found == catalog.group_configs.end() ? none : found->second;
}

const storage::TopicConfigSpec* list_spec(const ResourceEdits& asked, const std::string& name) {
  for (const auto& spec : storage::topic_config_specs()) {
    const bool same =
        asked.type == resource_type::topic ? spec.name == name : spec.broker_name == name;
    if (same && spec.type == storage::ConfigType::list) return &spec;
  }
  return nullptr;
}

/// The new text of a list, or why there is none.
std::optional<Refusal> edit_list(const ResourceEdits& asked, const ConfigEdit& edit,
                                 const storage::LogConfig& defaults, Values& values) {
  const bool append = edit.operation == ConfigOperation::append;
  const auto* spec = asked.type == resource_type::group ? nullptr : list_spec(asked, edit.name);
  if (spec == nullptr && asked.type == resource_type::broker) {
    return Refusal{ErrorCode::invalid_config,
                   fmt::format("Config value {} is not allowed for config key: {}",
                               append ? "append" : "subtract", edit.name)};
  }
  if (spec == nullptr) {
    return Refusal{ErrorCode::invalid_config,
                   fmt::format("Can't {} to key {} because its type is not LIST.",
                               append ? "APPEND" : "SUBTRACT", edit.name)};
  }
  const auto found = values.find(edit.name);
  const std::string unset =
      storage::topic_config_text(defaults, spec->name).value_or(std::string(spec->default_value));
  const std::string before = found != values.end() ? found->second : unset;
  std::vector<std::string> words = storage::split_list(before);
  for (std::string& word : storage::split_list(*edit.value)) {
    const auto at = std::find(words.begin(), words.end(), word);
    if (append && at == words.end()) words.push_back(std::move(word));
    if (!append && at != words.end()) words.erase(at);
  }
  values[edit.name] = fmt::format("{}", fmt::join(words, ","));
  return std::nullopt;
}

std::optional<Refusal> check_values(const Context& context, const CatalogSnapshot& catalog,
                                    const ResourceEdits& asked, const Values& values) {
  if (asked.type == resource_type::topic) {
    const auto parsed =
        storage::effective_topic_config(*context.store.defaults(), catalog, values);
    if (parsed) return std::nullopt;
    return Refusal{ErrorCode::invalid_config, parsed.error().message()};
  }
  for (const auto& [name, value] : values) {
    const bool is_group = asked.type == resource_type::group;
    const Status checked =
        is_group ? check_group_config(name, value) : check_broker_config(name, value);
    if (checked) continue;
    return Refusal{is_group ? ErrorCode::invalid_config : ErrorCode::invalid_request,
                   checked.error().message()};
  }
  return std::nullopt;
}

}  // namespace

PlannedChanges plan_changes(const Context& context, const CatalogSnapshot& catalog,
                            const ResourceEdits& asked) {
  if (auto refused = check_form(asked)) return {std::move(refused), {}};
  if (auto refused = check_resource(catalog, asked)) return {std::move(refused), {}};
  const Values& before = stored_values(catalog, asked);
  Values after = asked.replace_all ? Values{} : before;
  for (const ConfigEdit& edit : asked.edits) {
    switch (edit.operation) {
      case ConfigOperation::set:
        after[edit.name] = *edit.value;
        break;
      case ConfigOperation::remove:
        after.erase(edit.name);
        break;
      case ConfigOperation::append:
      case ConfigOperation::subtract:
        if (auto refused = edit_list(asked, edit, *context.store.defaults(), after)) {
          return {std::move(refused), {}};
        }
        break;
      default:
        return {Refusal{ErrorCode::unknown_server_error, std::nullopt}, {}};
    }
  }
  if (auto refused = check_values(context, catalog, asked, after)) return {std::move(refused), {}};
  PlannedChanges planned;
  const auto type = static_cast<storage::Catalog::ResourceType>(asked.type);
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old != before.end() && old->second == value) continue;
    planned.changes.push_back({type, asked.name, name, value});
  }
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) planned.changes.push_back({type, asked.name, name, std::nullopt});
  }
  return planned;
}

}  // namespace horolog::broker
