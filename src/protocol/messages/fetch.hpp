#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"
#include "protocol/records.hpp"

namespace horolog::wire {

class Visitor;

/// Reads from many partitions, waiting until min_bytes are there or max_wait_ms has passed. Topics
/// go by name up to version 12 and by id from 13 on.
struct FetchRequest {
  static constexpr Api api{.name = "FetchRequest",
                           .key = ApiKey::fetch,
                           .versions = {4, 18},
                           .flexible_since = 12};

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    void describe(Visitor& v);
    bool operator==(const ReplicaState&) const = default;
  };

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;  ///< -1 when the client does not check
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;
    Uuid replica_directory_id{};
    std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic{};
    Uuid topic_id{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct ForgottenTopic {
    std::string topic{};
    Uuid topic_id{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  std::optional<std::string> cluster_id{};
  std::int32_t replica_id = -1;  ///< -1 for a consumer
  ReplicaState replica_state{};
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;  ///< counted over all partitions
  std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
  std::int8_t isolation_level = 0;  ///< 0 read_uncommitted, 1 read_committed
  std::int32_t session_id = 0;
  /// -1 no session, 0 a new one, else the next epoch of a known one
  std::int32_t session_epoch = -1;
  std::vector<Topic> topics{};
  std::vector<ForgottenTopic> forgotten_topics_data{};
  std::string rack_id{};

  void describe(Visitor& v);
};

/// Record batches of each partition. They are whole batches as stored, so the first may start below
/// the offset asked for.
struct FetchResponse {
  static constexpr Api api{.name = "FetchResponse",
                           .key = ApiKey::fetch,
                           .versions = {4, 18},
                           .flexible_since = 12};

  struct DivergingEpoch {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;

    void describe(Visitor& v);
    bool operator==(const DivergingEpoch&) const = default;
  };

  struct CurrentLeader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    void describe(Visitor& v);
    bool operator==(const CurrentLeader&) const = default;
  };

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;

    void describe(Visitor& v);
    bool operator==(const SnapshotId&) const = default;
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    void describe(Visitor& v);
  };

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    DivergingEpoch diverging_epoch{};
    CurrentLeader current_leader{};
    SnapshotId snapshot_id{};
    /// null unless read_committed was asked for
    std::optional<std::vector<AbortedTransaction>> aborted_transactions{std::in_place};
    std::int32_t preferred_read_replica = -1;  ///< -1 for none
    Records records{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic{};
    Uuid topic_id{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t session_id = 0;  ///< 0 when no session was made
  std::vector<Topic> responses{};
  std::vector<NodeEndpoint> node_endpoints{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
