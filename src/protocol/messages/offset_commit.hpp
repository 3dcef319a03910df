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

/// Commits offsets of a group, as a member in a generation or, with generation -1 and no member,
/// standing alone.
struct OffsetCommitRequest {
  static constexpr Api api{.name = "OffsetCommitRequest",
                           .key = ApiKey::offset_commit,
                           .versions = {2, 10},
                           .flexible_since = 8};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = "";

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    Uuid topic_id{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::int32_t generation_id_or_member_epoch = -1;  ///< -1 outside a group
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::int64_t retention_time_ms = -1;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

/// The outcome of each commit.
struct OffsetCommitResponse {
  static constexpr Api api{.name = "OffsetCommitResponse",
                           .key = ApiKey::offset_commit,
                           .versions = {2, 10},
                           .flexible_since = 8};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    Uuid topic_id{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
