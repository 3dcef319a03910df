#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Commits offsets that count when the transaction commits. From version 3 on the member and
/// generation of the consumer are checked (KIP-447); from version 5 on the group need not be added
/// to the transaction first (KIP-890).
struct TxnOffsetCommitRequest {
  static constexpr Api api{.name = "TxnOffsetCommitRequest",
                           .key = ApiKey::txn_offset_commit,
                           .versions = {0, 5},
                           .flexible_since = 3};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = "";

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::string transactional_id{};
  std::string group_id{};
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The result for each partition.
struct TxnOffsetCommitResponse {
  static constexpr Api api{.name = "TxnOffsetCommitResponse",
                           .key = ApiKey::txn_offset_commit,
                           .versions = {0, 5},
                           .flexible_since = 3};

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

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
