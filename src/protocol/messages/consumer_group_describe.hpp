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

/// Asks for state and members of groups of the consumer protocol (KIP-848).
struct ConsumerGroupDescribeRequest {
  static constexpr Api api{.name = "ConsumerGroupDescribeRequest",
                           .key = ApiKey::consumer_group_describe,
                           .versions = {0, 1},
                           .flexible_since = 0};

  std::vector<std::string> group_ids{};
  bool include_authorized_operations = false;

  void describe(Visitor& v);
};

/// State and members of each group.
struct ConsumerGroupDescribeResponse {
  static constexpr Api api{.name = "ConsumerGroupDescribeResponse",
                           .key = ApiKey::consumer_group_describe,
                           .versions = {0, 1},
                           .flexible_since = 0};

  struct TopicPartitions {
    Uuid topic_id{};
    std::string topic_name{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
    bool operator==(const TopicPartitions&) const = default;
  };

  struct Assignment {
    std::vector<TopicPartitions> topic_partitions{};

    void describe(Visitor& v);
    bool operator==(const Assignment&) const = default;
  };

  struct Member {
    std::string member_id{};
    std::optional<std::string> instance_id{};
    std::optional<std::string> rack_id{};
    std::int32_t member_epoch = 0;
    std::string client_id{};
    std::string client_host{};
    std::vector<std::string> subscribed_topic_names{};
    std::optional<std::string> subscribed_topic_regex{};
    Assignment assignment{};
    Assignment target_assignment{};
    std::int8_t member_type = -1;

    void describe(Visitor& v);
  };

  struct Group {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    std::string group_id{};
    std::string group_state{};
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    std::string assignor_name{};
    std::vector<Member> members{};
    std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
