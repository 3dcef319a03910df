#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// The first partition of a page.
struct DescribeTopicPartitionsCursor {
  std::string topic_name{};
  std::int32_t partition_index = 0;

  void describe(Visitor& v);
};

/// Asks for topics and their partitions, page by page. No topics stands for all.
struct DescribeTopicPartitionsRequest {
  static constexpr Api api{.name = "DescribeTopicPartitionsRequest",
                           .key = ApiKey::describe_topic_partitions,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Topic {
    std::string name{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};
  std::int32_t response_partition_limit = 2000;
  std::optional<DescribeTopicPartitionsCursor> cursor{};

  void describe(Visitor& v);
};

/// One page, and where the next one starts.
struct DescribeTopicPartitionsResponse {
  static constexpr Api api{.name = "DescribeTopicPartitionsResponse",
                           .key = ApiKey::describe_topic_partitions,
                           .versions = {0, 0},
                           .flexible_since = 0};

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes{};
    std::vector<std::int32_t> isr_nodes{};
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas{};
    std::optional<std::vector<std::int32_t>> last_known_elr{};
    std::vector<std::int32_t> offline_replicas{};

    void describe(Visitor& v);
  };

  struct Topic {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> name = "";
    Uuid topic_id{};
    bool is_internal = false;
    std::vector<Partition> partitions{};
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};
  std::optional<DescribeTopicPartitionsCursor> next_cursor{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
