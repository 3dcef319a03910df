#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"

namespace horolog::wire {

class Visitor;

/// Key of a classic group's state in __consumer_offsets.
struct GroupMetadataKey {
  static constexpr Api api{.name = "GroupMetadataKey", .record_type = 2, .versions = {0, 0}};

  std::string group{};

  void describe(Visitor& v);
};

/// A generation of a classic group with its members, written when the group becomes stable or
/// empty.
struct GroupMetadataValue {
  static constexpr Api api{.name = "GroupMetadataValue",
                           .record_type = 2,
                           .versions = {0, 4},
                           .flexible_since = 4};

  struct Member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    std::int32_t rebalance_timeout = -1;
    std::int32_t session_timeout = 0;
    ByteBuffer subscription{};
    ByteBuffer assignment{};

    void describe(Visitor& v);
  };

  std::string protocol_type{};
  std::int32_t generation = 0;
  std::optional<std::string> protocol = "";
  std::optional<std::string> leader = "";
  std::int64_t current_state_timestamp = -1;
  std::vector<Member> members{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
