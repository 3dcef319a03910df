#include "broker/config_view.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "broker/group_config.hpp"
#include "broker/replication_throttle.hpp"
#include "storage/topic_config.hpp"

namespace horolog::broker {
namespace {

using storage::CatalogSnapshot;
using storage::TopicConfigSpec;

const TopicConfigSpec* find_by_broker_name(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const TopicConfigSpec& spec : storage::topic_config_specs()) {
    if (spec.broker_name == name) return &spec;
  }
  return nullptr;
}

const BrokerConfig::Described* find_described(const BrokerConfig& config, std::string_view name) {
  for (const auto& entry : config.described) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

void add(ConfigView& view, const std::map<std::string, std::string>& values, std::string_view name,
         ConfigSource source) {
  const auto found = values.find(std::string(name));
  if (found == values.end()) return;
  view.synonyms.push_back({found->first, found->second, source});
}

/// The strongest synonym decides.
void settle(ConfigView& view, std::optional<std::string> otherwise) {
  view.value = std::move(otherwise);
  if (view.synonyms.empty()) return;
  view.value = view.synonyms.front().value;
  view.source = view.synonyms.front().source;
}

/// Kafka derives these three defaults from settings in hours and shows no synonym for them.
bool has_no_default_synonym(std::string_view name) {
  return name == "retention.ms" || name == "segment.ms" || name == "segment.jitter.ms";
}

ConfigView describe_topic_config(const TopicConfigSpec& spec, const CatalogSnapshot& catalog,
                                 const storage::LogConfig& defaults, const BrokerConfig& broker,
                                 const std::map<std::string, std::string>& set) {
  ConfigView view;
  view.name = spec.name;
  view.type = static_cast<std::int8_t>(spec.type);
  view.documentation = spec.documentation;
  add(view, set, spec.name, ConfigSource::topic);
  const std::string fallback =
      storage::topic_config_text(defaults, spec.name).value_or(std::string(spec.default_value));
  if (!spec.broker_name.empty()) {
    add(view, catalog.broker_configs, spec.broker_name, ConfigSource::dynamic_broker);
    add(view, catalog.cluster_configs, spec.broker_name, ConfigSource::dynamic_cluster);
    const auto* entry = find_described(broker, spec.broker_name);
    if (entry != nullptr && entry->set_by_user) {
      view.synonyms.push_back({entry->name, fallback, ConfigSource::static_broker});
    }
    if (!has_no_default_synonym(spec.name)) {
      view.synonyms.push_back({std::string(spec.broker_name), std::string(spec.default_value),
                               ConfigSource::default_value});
    }
  }
  settle(view, fallback);
  return view;
}

std::int8_t type_number(std::string_view type) {
  static constexpr std::string_view names[] = {"",     "boolean", "string", "int",   "short",
                                               "long", "double",  "list",   "class", "password"};
  const auto* found = std::find(std::begin(names), std::end(names), type);
  return found == std::end(names) ? std::int8_t{0}
                                  : static_cast<std::int8_t>(found - std::begin(names));
}

}  // namespace

bool is_dynamic_broker_config(std::string_view name) {
  return find_by_broker_name(name) != nullptr || is_replication_throttle(name);
}

Status check_broker_config(std::string_view name, const std::string& value) {
  if (is_replication_throttle(name)) return check_replication_throttle(name, value);
  const TopicConfigSpec* spec = find_by_broker_name(name);
  if (spec == nullptr) {
    return Error(Errc::invalid_argument,
                 "Cannot update these configs dynamically: [" + std::string(name) + "]");
  }
  const Status checked = storage::check_topic_config(spec->name, value);
  if (checked) return {};
  std::string text = checked.error().message();
  const std::string from = " " + std::string(spec->name) + ":";
  if (const std::size_t at = text.find(from); at != std::string::npos) {
    text.replace(at, from.size(), " " + std::string(name) + ":");
  }
  return Error(Errc::invalid_argument, std::move(text));
}

std::vector<ConfigView> describe_topic_configs(const Context& context,
                                               const CatalogSnapshot& catalog,
                                               const std::map<std::string, std::string>& set) {
  const auto broker = context.config();
  const auto defaults = context.store.defaults();
  std::vector<ConfigView> out;
  for (const TopicConfigSpec& spec : storage::topic_config_specs()) {
    if (spec.internal && !set.contains(std::string(spec.name))) continue;
    out.push_back(describe_topic_config(spec, catalog, *defaults, *broker, set));
  }
  return out;
}

std::vector<ConfigView> describe_broker_configs(const Context& context,
                                                const CatalogSnapshot& catalog) {
  std::vector<ConfigView> out;
  const auto config = context.config();
  for (const auto& entry : config->described) {
    ConfigView& view = out.emplace_back();
    view.name = entry.name;
    view.type = type_number(entry.type);
    view.documentation = entry.documentation;
    view.read_only = !is_dynamic_broker_config(entry.name);
    view.sensitive = entry.sensitive;
    add(view, catalog.broker_configs, entry.name, ConfigSource::dynamic_broker);
    add(view, catalog.cluster_configs, entry.name, ConfigSource::dynamic_cluster);
    if (entry.set_by_user) {
      view.synonyms.push_back({entry.name, entry.value, ConfigSource::static_broker});
    }
    view.synonyms.push_back({entry.name, entry.default_value, ConfigSource::default_value});
    settle(view, entry.value);
    if (!entry.sensitive) continue;
    view.value = std::nullopt;
    for (ConfigSynonym& synonym : view.synonyms) synonym.value = std::nullopt;
  }
  for (const ReplicationThrottle& throttle : replication_throttles()) {
    ConfigView view;
    view.name = throttle.name;
    view.type = type_number("long");
    view.documentation = throttle.documentation;
    add(view, catalog.broker_configs, throttle.name, ConfigSource::dynamic_broker);
    add(view, catalog.cluster_configs, throttle.name, ConfigSource::dynamic_cluster);
    settle(view, std::nullopt);
    if (view.value) out.push_back(std::move(view));
  }
  return out;
}

std::vector<ConfigView> describe_cluster_configs(const Context& context,
                                                 const CatalogSnapshot& catalog) {
  const auto broker = context.config();
  std::vector<ConfigView> out;
  for (const auto& [name, value] : catalog.cluster_configs) {
    ConfigView& view = out.emplace_back();
    view.name = name;
    const auto* entry = find_described(*broker, name);
    const TopicConfigSpec* spec = find_by_broker_name(name);
    if (entry != nullptr) {
      view.type = type_number(entry->type);
      view.documentation = entry->documentation;
    } else if (spec != nullptr) {
      view.type = static_cast<std::int8_t>(spec->type);
      view.documentation = spec->documentation;
    }
    view.synonyms.push_back({name, value, ConfigSource::dynamic_cluster});
    settle(view, value);
  }
  return out;
}

std::vector<ConfigView> describe_group_configs(const CatalogSnapshot& catalog,
                                               const std::string& group) {
  static const std::map<std::string, std::string> none;
  const auto found = catalog.group_configs.find(group);
  const auto& set = found == catalog.group_configs.end() ? none : found->second;
  std::vector<ConfigView> out;
  for (const GroupConfigSpec& spec : group_config_specs()) {
    ConfigView& view = out.emplace_back();
    view.name = spec.name;
    view.type = static_cast<std::int8_t>(spec.type);
    view.documentation = spec.documentation;
    add(view, set, spec.name, ConfigSource::group);
    view.synonyms.push_back({std::string(spec.broker_name), std::string(spec.default_value),
                             ConfigSource::default_value});
    settle(view, std::string(spec.default_value));
  }
  return out;
}

std::vector<ConfigView> describe_loggers() {
  ConfigView view;
  view.name = root_logger;
  view.source = ConfigSource::broker_logger;
  view.value = log::enabled(log::Level::debug)  ? "DEBUG"
               : log::enabled(log::Level::info) ? "INFO"
               : log::enabled(log::Level::warn) ? "WARN"
                                                : "ERROR";
  return {view};
}

}  // namespace horolog::broker
