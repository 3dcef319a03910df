#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Deletes committed offsets of a group for topics it does not subscribe to.
struct OffsetDeleteRequest {
  static constexpr Api api{.name = "OffsetDeleteRequest",
                           .key = ApiKey::offset_delete,
                           .versions = {0, 0}};

  struct Partition {
    std::int32_t partition_index = 0;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The outcome for the group and for each partition.
struct OffsetDeleteResponse {
  static constexpr Api api{.name = "OffsetDeleteResponse",
                           .key = ApiKey::offset_delete,
                           .versions = {0, 0}};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  ErrorCode error_code = ErrorCode::none;
  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
