#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Joins a classic consumer group, or joins it again in a rebalance.
struct JoinGroupRequest {
  static constexpr Api api{.name = "JoinGroupRequest",
                           .key = ApiKey::join_group,
                           .versions = {0, 9},
                           .flexible_since = 6};

  struct Protocol {
    std::string name{};
    ByteBuffer metadata{};

    void describe(Visitor& v);
  };

  std::string group_id{};
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;  ///< -1 means the session timeout
  std::string member_id{};
  std::optional<std::string> group_instance_id{};
  std::string protocol_type{};
  std::vector<Protocol> protocols{};  ///< in the order the member prefers
  std::optional<std::string> reason{};

  void describe(Visitor& v);
};

/// The new generation; its leader also gets the members with their subscriptions.
struct JoinGroupResponse {
  static constexpr Api api{.name = "JoinGroupResponse",
                           .key = ApiKey::join_group,
                           .versions = {0, 9},
                           .flexible_since = 6};

  struct Member {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    ByteBuffer metadata{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t generation_id = -1;
  std::optional<std::string> protocol_type{};
  std::optional<std::string> protocol_name = "";
  std::string leader{};
  bool skip_assignment = false;  ///< the leader need not compute an assignment
  std::string member_id{};
  std::vector<Member> members{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
