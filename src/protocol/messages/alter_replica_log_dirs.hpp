#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Moves replicas between the log directories of a broker.
struct AlterReplicaLogDirsRequest {
  static constexpr Api api{.name = "AlterReplicaLogDirsRequest",
                           .key = ApiKey::alter_replica_log_dirs,
                           .versions = {1, 2},
                           .flexible_since = 2};

  struct Topic {
    std::string name{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  struct Directory {
    std::string path{};
    std::vector<Topic> topics{};

    void describe(Visitor& v);
  };

  std::vector<Directory> dirs{};

  void describe(Visitor& v);
};

/// The result for each partition.
struct AlterReplicaLogDirsResponse {
  static constexpr Api api{.name = "AlterReplicaLogDirsResponse",
                           .key = ApiKey::alter_replica_log_dirs,
                           .versions = {1, 2},
                           .flexible_since = 2};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic_name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
