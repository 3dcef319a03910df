#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks what the log directories hold. Null stands for every topic.
struct DescribeLogDirsRequest {
  static constexpr Api api{.name = "DescribeLogDirsRequest",
                           .key = ApiKey::describe_log_dirs,
                           .versions = {1, 5},
                           .flexible_since = 2};

  struct Topic {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  std::optional<std::vector<Topic>> topics{std::in_place};

  void describe(Visitor& v);
};

/// Each log directory with its partitions and its room.
struct DescribeLogDirsResponse {
  static constexpr Api api{.name = "DescribeLogDirsResponse",
                           .key = ApiKey::describe_log_dirs,
                           .versions = {1, 5},
                           .flexible_since = 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct Directory {
    ErrorCode error_code = ErrorCode::none;
    std::string log_dir{};
    std::vector<Topic> topics{};
    std::int64_t total_bytes = -1;   ///< of the volume; -1: not known
    std::int64_t usable_bytes = -1;  ///< of the volume; -1: not known
    bool is_cordoned = false;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Directory> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
