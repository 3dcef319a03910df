#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"
#include "protocol/records.hpp"

namespace horolog::wire {

class Visitor;

/// Appends record batches: one batch per partition. Topics are named up to version 12 and
/// identified by id from version 13 on.
struct ProduceRequest {
  static constexpr Api api{.name = "ProduceRequest",
                           .key = ApiKey::produce,
                           .versions = {3, 13},
                           .flexible_since = 9};

  struct Partition {
    std::int32_t index = 0;
    Records records{};  ///< exactly one batch

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    Uuid topic_id{};
    std::vector<Partition> partition_data{};

    void describe(Visitor& v);
  };

  std::optional<std::string> transactional_id{};
  std::int16_t acks = 0;  ///< 0 no answer, 1 after the append, -1 when durable
  std::int32_t timeout_ms = 0;
  std::vector<Topic> topic_data{};

  void describe(Visitor& v);
};

/// Where each batch was appended, or why it was not. From version 10 on a partition that moved
/// carries its new leader, whose address is in node_endpoints.
struct ProduceResponse {
  static constexpr Api api{.name = "ProduceResponse",
                           .key = ApiKey::produce,
                           .versions = {3, 13},
                           .flexible_since = 9};

  struct RecordError {
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message{};

    void describe(Visitor& v);
  };

  struct CurrentLeader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    void describe(Visitor& v);
    bool operator==(const CurrentLeader&) const = default;
  };

  struct Partition {
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;  ///< -1 unless the topic stamps records itself
    std::int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors{};
    std::optional<std::string> error_message{};
    CurrentLeader current_leader{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    Uuid topic_id{};
    std::vector<Partition> partition_responses{};

    void describe(Visitor& v);
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};

    void describe(Visitor& v);
  };

  std::vector<Topic> responses{};
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
