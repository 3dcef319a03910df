#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/context.hpp"
#include "broker/topic_rules.hpp"
#include "storage/catalog.hpp"

/// From what AlterConfigs and IncrementalAlterConfigs ask to changes of the catalog.
namespace horolog::broker {

/// Operations of IncrementalAlterConfigs; the numbers are the protocol's.
enum class ConfigOperation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigEdit {
  std::string name;
  ConfigOperation operation = ConfigOperation::set;
  std::optional<std::string> value;
};

struct ResourceEdits {
  std::int8_t type = 0;
  std::string name;
  std::vector<ConfigEdit> edits;
  /// AlterConfigs: what is not named is removed.
  bool replace_all = false;
};

/// Resource types of the protocol.
namespace resource_type {
inline constexpr std::int8_t topic = 2;
inline constexpr std::int8_t broker = 4;
inline constexpr std::int8_t broker_logger = 8;
inline constexpr std::int8_t group = 32;
}  // namespace resource_type

struct PlannedChanges {
  std::optional<Refusal> refused;
  std::vector<storage::Catalog::ConfigChange> changes;
};

/// Checks the edits of one topic, broker or group in Kafka's order and with its texts. The result
/// is what would be stored: lists are appended to and subtracted from the value in force.
PlannedChanges plan_changes(const Context& context, const storage::CatalogSnapshot& catalog,
                            const ResourceEdits& asked);

/// Edits of a broker's loggers: checked and, unless `validate_only`, applied. Levels live until the
/// process ends.
std::optional<Refusal> change_loggers(std::int32_t node_id, const ResourceEdits& asked,
                                      bool validate_only);

}  // namespace horolog::broker
