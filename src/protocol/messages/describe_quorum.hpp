#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for the state of the quorum that keeps the metadata.
struct DescribeQuorumRequest {
  static constexpr Api api{.name = "DescribeQuorumRequest",
                           .key = ApiKey::describe_quorum,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Partition {
    std::int32_t partition_index = 0;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic_name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// How far a voter or observer has come.
struct DescribeQuorumReplica {
  std::int32_t replica_id = 0;
  Uuid replica_directory_id{};
  std::int64_t log_end_offset = 0;
  std::int64_t last_fetch_timestamp = -1;
  std::int64_t last_caught_up_timestamp = -1;

  void describe(Visitor& v);
};

/// Leader, voters and observers of the metadata partition.
struct DescribeQuorumResponse {
  static constexpr Api api{.name = "DescribeQuorumResponse",
                           .key = ApiKey::describe_quorum,
                           .versions = {0, 2},
                           .flexible_since = 0};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t high_watermark = 0;
    std::vector<DescribeQuorumReplica> current_voters{};
    std::vector<DescribeQuorumReplica> observers{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic_name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct Listener {
    std::string name{};
    std::string host{};
    std::uint16_t port = 0;

    void describe(Visitor& v);
  };

  struct Node {
    std::int32_t node_id = 0;
    std::vector<Listener> listeners{};

    void describe(Visitor& v);
  };

  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message = "";
  std::vector<Topic> topics{};
  std::vector<Node> nodes{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
