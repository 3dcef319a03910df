#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "horolog/error.hpp"
#include "storage/topic_config.hpp"

/// The group configurations of Apache Kafka 4.3.1 (resource type 32). They belong to the group
/// protocols of KIP-848, KIP-932 and KIP-1071: stored and shown, without effect on classic groups.
namespace horolog::broker {

struct GroupConfigSpec {
  std::string_view name;
  storage::ConfigType type;
  std::string_view default_value;
  std::string_view broker_name;
  std::string_view documentation;
  std::int64_t min = 0;
  std::int64_t max = 2'147'483'647;
  /// Kafka's names of the settings that bound the value; "" = its own plain bounds.
  std::string_view min_name = {};
  std::string_view max_name = {};
};

std::span<const GroupConfigSpec> group_config_specs();
/// Errc::invalid_argument with Kafka's text.
Status check_group_config(std::string_view name, const std::string& value);

}  // namespace horolog::broker
