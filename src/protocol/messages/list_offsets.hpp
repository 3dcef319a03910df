#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Looks up offsets by timestamp, or by the special timestamps -1 latest, -2 earliest, -3 largest
/// timestamp, -4 earliest local, -5 latest tiered, -6 earliest pending upload.
struct ListOffsetsRequest {
  static constexpr Api api{.name = "ListOffsetsRequest",
                           .key = ApiKey::list_offsets,
                           .versions = {1, 11},
                           .flexible_since = 6};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t replica_id = 0;  ///< -1 for a consumer
  std::int8_t isolation_level = 0;
  std::vector<Topic> topics{};
  std::int32_t timeout_ms = 0;

  void describe(Visitor& v);
};

/// The offset found for each partition, or -1 when there is none.
struct ListOffsetsResponse {
  static constexpr Api api{.name = "ListOffsetsResponse",
                           .key = ApiKey::list_offsets,
                           .versions = {1, 11},
                           .flexible_since = 6};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
