#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"
#include "protocol/records.hpp"

namespace horolog::wire {

class Visitor;

/// Raises the log start offset of partitions; -1 means the high watermark.
struct DeleteRecordsRequest {
  static constexpr Api api{.name = "DeleteRecordsRequest",
                           .key = ApiKey::delete_records,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};
  std::int32_t timeout_ms = 0;

  void describe(Visitor& v);
};

/// The log start offset each partition has now.
struct DeleteRecordsResponse {
  static constexpr Api api{.name = "DeleteRecordsResponse",
                           .key = ApiKey::delete_records,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    ErrorCode error_code = ErrorCode::none;

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
