#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Moves partitions to other replicas. Null replicas cancel a move that is under way.
struct AlterPartitionReassignmentsRequest {
  static constexpr Api api{.name = "AlterPartitionReassignmentsRequest",
                           .key = ApiKey::alter_partition_reassignments,
                           .versions = {0, 1},
                           .flexible_since = 0};

  struct Partition {
    std::int32_t partition_index = 0;
    std::optional<std::vector<std::int32_t>> replicas{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The result for each partition.
struct AlterPartitionReassignmentsResponse {
  static constexpr Api api{.name = "AlterPartitionReassignmentsResponse",
                           .key = ApiKey::alter_partition_reassignments,
                           .versions = {0, 1},
                           .flexible_since = 0};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Topic> responses{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
