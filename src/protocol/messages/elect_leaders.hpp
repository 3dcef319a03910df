#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api.hpp"
#include "protocol/error_code.hpp"

namespace horolog::wire {

class Visitor;

/// Asks for elections: of the preferred replica (election type 0), or of one out of sync (1). Null
/// stands for every partition.
struct ElectLeadersRequest {
  static constexpr Api api{.name = "ElectLeadersRequest",
                           .key = ApiKey::elect_leaders,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Topic {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    void describe(Visitor& v);
  };

  std::int8_t election_type = 0;
  std::optional<std::vector<Topic>> topic_partitions{std::in_place};
  std::int32_t timeout_ms = 60000;

  void describe(Visitor& v);
};

/// The result for each partition.
struct ElectLeadersResponse {
  static constexpr Api api{.name = "ElectLeadersResponse",
                           .key = ApiKey::elect_leaders,
                           .versions = {0, 2},
                           .flexible_since = 2};

  struct Partition {
    std::int32_t partition_id = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    void describe(Visitor& v);
  };

  struct Topic {
    std::string topic{};
    std::vector<Partition> partition_result{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Topic> replica_election_results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
