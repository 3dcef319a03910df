#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "horolog/types.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Reads committed offsets: of one group up to version 7, of several from version 8 on. Null topics
/// means every topic the group has offsets for (from version 2 on).
struct OffsetFetchRequest {
  static constexpr Api api{.name = "OffsetFetchRequest",
                           .key = ApiKey::offset_fetch,
                           .versions = {1, 10},
                           .flexible_since = 6};

  struct Topic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};

    void describe(Visitor& v);
  };

  struct GroupTopic {
    std::string name{};
    Uuid topic_id{};
    std::vector<std::int32_t> partition_indexes{};

    void describe(Visitor& v);
  };

  struct Group {
    std::string group_id{};
    std::optional<std::string> member_id{};
    std::int32_t member_epoch = -1;
    std::optional<std::vector<GroupTopic>> topics{std::in_place};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::optional<std::vector<Topic>> topics{std::in_place};
  std::vector<Group> groups{};
  bool require_stable = false;  ///< wait for open transactions instead of reading past them

  void describe(Visitor& v);
};

/// Committed offsets; -1 where there is none.
struct OffsetFetchResponse {
  static constexpr Api api{.name = "OffsetFetchResponse",
                           .key = ApiKey::offset_fetch,
                           .versions = {1, 10},
                           .flexible_since = 6};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::vector<Partition> partitions{};

    void describe(Visitor& v);
  };

  struct GroupPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = "";
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  struct GroupTopic {
    std::string name{};
    Uuid topic_id{};
    std::vector<GroupPartition> partitions{};

    void describe(Visitor& v);
  };

  struct Group {
    std::string group_id{};
    std::vector<GroupTopic> topics{};
    ErrorCode error_code = ErrorCode::none;

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};
  ErrorCode error_code = ErrorCode::none;
  std::vector<Group> groups{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
