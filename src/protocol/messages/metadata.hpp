#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for brokers and topics. Null topics means all; an empty list means all in version 0 and
/// none from version 1 on.
struct MetadataRequest {
  static constexpr Api api{.name = "MetadataRequest",
                           .key = ApiKey::metadata,
                           .versions = {0, 13},
                           .flexible_since = 9};

  struct Topic {
    Uuid topic_id{};
    std::optional<std::string> name = "";

    void describe(Visitor& v);
  };

  std::optional<std::vector<Topic>> topics{std::in_place};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  void describe(Visitor& v);
};

/// The brokers, the controller, and the leader and replicas of each partition asked for.
struct MetadataResponse {
  static constexpr Api api{.name = "MetadataResponse",
                           .key = ApiKey::metadata,
                           .versions = {0, 13},
                           .flexible_since = 9};

  struct Broker {
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};

    void describe(Visitor& v);
  };

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes{};
    std::vector<std::int32_t> isr_nodes{};
    std::vector<std::int32_t> offline_replicas{};

    void describe(Visitor& v);
  };

  struct Topic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id{};
    bool is_internal = false;
    std::vector<Partition> partitions{};
    /// bits of operations; the lowest value when not asked for
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers{};
  std::optional<std::string> cluster_id{};
  std::int32_t controller_id = -1;
  std::vector<Topic> topics{};
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
  ErrorCode error_code = ErrorCode::none;

  void describe(Visitor& v);
};

}  // namespace horolog::wire
