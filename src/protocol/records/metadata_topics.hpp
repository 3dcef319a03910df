#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// A topic exists.
struct TopicRecord {
  static constexpr Api api{.name = "TopicRecord",
                           .record_type = 2,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::string name{};
  Uuid topic_id{};

  void describe(Visitor& v);
};

/// A topic and its partitions are gone.
struct RemoveTopicRecord {
  static constexpr Api api{.name = "RemoveTopicRecord",
                           .record_type = 9,
                           .versions = {0, 0},
                           .flexible_since = 0};

  Uuid topic_id{};

  void describe(Visitor& v);
};

/// A partition exists. Directories belong to replicas, in their order.
struct PartitionRecord {
  static constexpr Api api{.name = "PartitionRecord",
                           .record_type = 3,
                           .versions = {0, 2},
                           .flexible_since = 0};

  std::int32_t partition_id = -1;
  Uuid topic_id{};
  std::vector<std::int32_t> replicas{};
  std::vector<std::int32_t> isr{};
  std::vector<std::int32_t> removing_replicas{};
  std::vector<std::int32_t> adding_replicas{};
  std::int32_t leader = -1;
  std::int8_t leader_recovery_state = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::vector<Uuid> directories{};
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas{};
  std::optional<std::vector<std::int32_t>> last_known_elr{};

  void describe(Visitor& v);
};

/// A change of some fields of a partition; what is absent stays.
struct PartitionChangeRecord {
  static constexpr Api api{.name = "PartitionChangeRecord",
                           .record_type = 5,
                           .versions = {0, 2},
                           .flexible_since = 0};

  std::int32_t partition_id = -1;
  Uuid topic_id{};
  std::optional<std::vector<std::int32_t>> isr{};
  std::int32_t leader = -2;  ///< -2 no change
  std::optional<std::vector<std::int32_t>> replicas{};
  std::optional<std::vector<std::int32_t>> removing_replicas{};
  std::optional<std::vector<std::int32_t>> adding_replicas{};
  std::int8_t leader_recovery_state = -1;  ///< -1 no change
  std::optional<std::vector<Uuid>> directories{};
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas{};
  std::optional<std::vector<std::int32_t>> last_known_elr{};

  void describe(Visitor& v);
};

/// One setting of a resource (2 topic, 4 broker; an empty broker name is the default of the
/// cluster). A null value deletes it.
struct ConfigRecord {
  static constexpr Api api{.name = "ConfigRecord",
                           .record_type = 4,
                           .versions = {0, 0},
                           .flexible_since = 0};

  std::int8_t resource_type = 0;
  std::string resource_name{};
  std::string name{};
  std::optional<std::string> value = "";

  void describe(Visitor& v);
};

}  // namespace horolog::wire
