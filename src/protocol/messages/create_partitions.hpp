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

/// Raises the number of partitions of topics.
struct CreatePartitionsRequest {
  static constexpr Api api{.name = "CreatePartitionsRequest",
                           .key = ApiKey::create_partitions,
                           .versions = {0, 3},
                           .flexible_since = 2};

  struct Assignment {
    std::vector<std::int32_t> broker_ids{};

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::int32_t count = 0;
    std::optional<std::vector<Assignment>> assignments{std::in_place};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  void describe(Visitor& v);
};

/// The outcome for each topic.
struct CreatePartitionsResponse {
  static constexpr Api api{.name = "CreatePartitionsResponse",
                           .key = ApiKey::create_partitions,
                           .versions = {0, 3},
                           .flexible_since = 2};

  struct Topic {
    std::string name{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> results{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
