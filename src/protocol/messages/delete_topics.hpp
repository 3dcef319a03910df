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

/// Deletes topics: by name up to version 5, by name or id from version 6 on.
struct DeleteTopicsRequest {
  static constexpr Api api{.name = "DeleteTopicsRequest",
                           .key = ApiKey::delete_topics,
                           .versions = {1, 6},
                           .flexible_since = 4};

  struct Topic {
    std::optional<std::string> name{};
    Uuid topic_id{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};
  std::vector<std::string> topic_names{};
  std::int32_t timeout_ms = 0;

  void describe(Visitor& v);
};

/// The outcome for each topic.
struct DeleteTopicsResponse {
  static constexpr Api api{.name = "DeleteTopicsResponse",
                           .key = ApiKey::delete_topics,
                           .versions = {1, 6},
                           .flexible_since = 4};

  struct Topic {
    std::optional<std::string> name = "";
    Uuid topic_id{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> responses{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
