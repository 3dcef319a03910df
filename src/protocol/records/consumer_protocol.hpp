#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// What a consumer tells the group leader it wants: the bytes inside JoinGroup, after a two-byte
/// version.
struct ConsumerProtocolSubscription {
  static constexpr Api api{.name = "ConsumerProtocolSubscription", .versions = {0, 3}};

  struct TopicPartitions {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  std::vector<std::string> topics{};
  std::optional<ByteBuffer> user_data{};
  std::vector<TopicPartitions> owned_partitions{};
  std::int32_t generation_id = -1;
  std::optional<std::string> rack_id{};

  void describe(Visitor& v);
};

/// What the group leader assigns to a consumer: the bytes inside SyncGroup, after a two-byte
/// version.
struct ConsumerProtocolAssignment {
  static constexpr Api api{.name = "ConsumerProtocolAssignment", .versions = {0, 3}};

  struct TopicPartitions {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  std::vector<TopicPartitions> assigned_partitions{};
  std::optional<ByteBuffer> user_data{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
