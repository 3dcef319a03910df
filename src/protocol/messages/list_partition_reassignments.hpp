#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks which partitions are being moved. Null stands for all.
struct ListPartitionReassignmentsRequest {
  static constexpr Api api{.name = "ListPartitionReassignmentsRequest",
                           .key = ApiKey::list_partition_reassignments,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};

    void describe(Visitor& v);
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<Topic>> topics{};

  void describe(Visitor& v);
};

/// The moves under way.
struct ListPartitionReassignmentsResponse {
  static constexpr Api api{.name = "ListPartitionReassignmentsResponse",
                           .key = ApiKey::list_partition_reassignments,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Partition {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas{};
    std::vector<std::int32_t> adding_replicas{};
    std::vector<std::int32_t> removing_replicas{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
