#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks which producers a partition remembers, and where their open transactions start.
struct DescribeProducersRequest {
  static constexpr Api api{.name = "DescribeProducersRequest",
                           .key = ApiKey::describe_producers,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The producers of each partition.
struct DescribeProducersResponse {
  static constexpr Api api{.name = "DescribeProducersResponse",
                           .key = ApiKey::describe_producers,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Producer {
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;
    std::int64_t last_timestamp = -1;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;  ///< -1: no transaction is open

    void describe(Visitor& v);
  };

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    std::vector<Producer> active_producers{};

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
