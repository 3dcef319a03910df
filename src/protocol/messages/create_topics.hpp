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

/// Creates topics, by partition count or by explicit assignment.
struct CreateTopicsRequest {
  static constexpr Api api{.name = "CreateTopicsRequest",
                           .key = ApiKey::create_topics,
                           .versions = {2, 7},
                           .flexible_since = 5};

  struct Assignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids{};

    void describe(Visitor& v);
  };

  struct Config {
    std::string name{};
    std::optional<std::string> value = "";

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    std::int32_t num_partitions = 0;  ///< -1 for the default, and with an assignment
    std::int16_t replication_factor = 0;  ///< -1 for the default, and with an assignment
    std::vector<Assignment> assignments{};
    std::vector<Config> configs{};

    void describe(Visitor& v);
  };

  std::vector<Topic> topics{};
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  void describe(Visitor& v);
};

/// The outcome for each topic; from version 5 on with the settings it got.
struct CreateTopicsResponse {
  static constexpr Api api{.name = "CreateTopicsResponse",
                           .key = ApiKey::create_topics,
                           .versions = {2, 7},
                           .flexible_since = 5};

  struct Config {
    std::string name{};
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;

    void describe(Visitor& v);
  };

  struct Topic {
    std::string name{};
    Uuid topic_id{};
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    ErrorCode topic_config_error_code = ErrorCode::none;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs{std::in_place};

    void describe(Visitor& v);
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics{};

  void describe(Visitor& v);
};

}  // namespace horolog::wire
