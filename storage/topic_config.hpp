#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "horolog/error.hpp"
#include "storage/catalog.hpp"
#include "storage/log_config.hpp"

/// The one table of topic configurations: Kafka's 34 (4.3.1) and horolog.durability. Parsing,
/// validation, DescribeConfigs and the alter operations all read it.
namespace horolog::storage {

/// Numbers as DescribeConfigs carries them.
enum class ConfigType : std::int8_t {
  boolean = 1,
  string = 2,
  integer = 3,
  long_integer = 5,
  real = 6,
  list = 7,
};

struct TopicConfigSpec {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  /// The broker setting that gives the default of every topic; "" when there is none.
  std::string_view broker_name;
  std::string_view documentation;
  /// Numbers: the inclusive range.
  double min = -9.3e18;
  double max = 9.3e18;
  /// Strings and lists: what they may hold, in the order Kafka names them; empty = anything.
  std::span<const std::string_view> choices = {};
  /// False: stored and shown, and nothing on one node depends on it.
  bool honoured = true;
  /// Not shown by DescribeConfigs unless it is set (Kafka's internal configurations).
  bool internal = false;
};

std::span<const TopicConfigSpec> topic_config_specs();
/// nullptr when no topic has such a configuration.
const TopicConfigSpec* find_topic_config(std::string_view name);

/// Checks one value: Errc::invalid_argument with Kafka's text ("Invalid value x for configuration
/// retention.ms: Not a number of type LONG", "Unknown topic config name: x").
Status check_topic_config(std::string_view name, const std::string& value);

/// Puts `configs` (text, Kafka's names) over `defaults`. Errors: those of check_topic_config, and
/// configurations that contradict each other.
Result<LogConfig> parse_topic_config(const LogConfig& defaults,
                                     const std::map<std::string, std::string>& configs);

/// What a topic's logs work with: the start-up defaults, the broker settings that AlterConfigs
/// changed (this broker's before the cluster's), the topic's own. Errors as parse_topic_config.
Result<LogConfig> effective_topic_config(const LogConfig& defaults, const CatalogSnapshot& catalog,
                                         const std::map<std::string, std::string>& configs);

/// The value of `name` in `config` as text; nullopt when LogConfig does not carry it (then the
/// default of the spec holds).
std::optional<std::string> topic_config_text(const LogConfig& config, std::string_view name);

/// The members of a list value: split at commas, blanks around them dropped.
std::vector<std::string> split_list(std::string_view text);

}  // namespace horolog::storage
