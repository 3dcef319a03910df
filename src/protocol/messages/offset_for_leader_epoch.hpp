#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks where leader epochs ended, so that a client finds out that its position was cut off.
struct OffsetForLeaderEpochRequest {
  static constexpr Api api{.name = "OffsetForLeaderEpochRequest",
                           .key = ApiKey::offset_for_leader_epoch,
                           .versions = {2, 4},
                           .flexible_since = 4};

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t replica_id = -2;  ///< -1 for a consumer
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The end offset of each epoch asked for.
struct OffsetForLeaderEpochResponse {
  static constexpr Api api{.name = "OffsetForLeaderEpochResponse",
                           .key = ApiKey::offset_for_leader_epoch,
                           .versions = {2, 4},
                           .flexible_since = 4};

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
