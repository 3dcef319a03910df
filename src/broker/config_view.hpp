#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config.hpp"
#include "broker/context.hpp"
#include "storage/catalog.hpp"

/// Configurations as DescribeConfigs and CreateTopics show them.
namespace horolog::broker {

/// Where a value comes from; the numbers are the protocol's.
enum class ConfigSource : std::int8_t {
  topic = 1,
  dynamic_broker = 2,
  dynamic_cluster = 3,
  static_broker = 4,
  default_value = 5,
  broker_logger = 6,
  group = 8,
};

struct ConfigSynonym {
  std::string name;
  std::optional<std::string> value;
  ConfigSource source;
};

struct ConfigView {
  std::string name;
  std::optional<std::string> value;  ///< nullopt = not set, or sensitive
  ConfigSource source = ConfigSource::default_value;
  std::int8_t type = 0;
  bool read_only = false;
  bool sensitive = false;
  std::vector<ConfigSynonym> synonyms;  ///< strongest first
  std::string documentation;
};

/// Every configuration of a topic with the configs `set`, by name.
std::vector<ConfigView> describe_topic_configs(const Context& context,
                                               const storage::CatalogSnapshot& catalog,
                                               const std::map<std::string, std::string>& set);
std::vector<ConfigView> describe_broker_configs(const Context& context,
                                                const storage::CatalogSnapshot& catalog);
/// What AlterConfigs set for the whole cluster.
std::vector<ConfigView> describe_cluster_configs(const Context& context,
                                                 const storage::CatalogSnapshot& catalog);
std::vector<ConfigView> describe_group_configs(const storage::CatalogSnapshot& catalog,
                                               const std::string& group);
/// One logger, "root": its level is that of all log lines.
std::vector<ConfigView> describe_loggers();
inline constexpr std::string_view root_logger = "root";

/// Broker settings that AlterConfigs may change: those that are defaults of topic configurations.
bool is_dynamic_broker_config(std::string_view name);
/// Errc::invalid_argument with Kafka's text, under the broker's name of the setting.
Status check_broker_config(std::string_view name, const std::string& value);

}  // namespace horolog::broker
